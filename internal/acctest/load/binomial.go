package load

import (
	"fmt"
	"math"
)

// Share is a part of a number of requests or users.
type Share struct{ Count, Total int }

// Within reports whether so many can have come by chance, when each came with
// probability p.
func (s Share) Within(p float64) bool { return WithinBinomial(s.Count, s.Total, p) }

func (s Share) String() string {
	return fmt.Sprintf("%d of %d (%.2f %%)", s.Count, s.Total, 100*float64(s.Count)/float64(max(s.Total, 1)))
}

// chance is the probability with which right splits are called wrong: that of
// a normal distribution beyond five standard deviations, 1 in 1.7 million.
const chance = 5.733e-7

// WithinBinomial reports whether k of n can have come by chance, when each came
// with probability p, independently of the others.
func WithinBinomial(k, n int, p float64) bool {
	least, most := BinomialBounds(n, p)
	return least <= k && k <= most
}

// BinomialBounds returns between which numbers it is that come of n, when each
// comes with probability p, but for one time in 1.7 million.
func BinomialBounds(n int, p float64) (least, most int) {
	switch {
	case p <= 0:
		return 0, 0
	case p >= 1:
		return n, n
	}
	tail := 0.0
	for least = 0; least < n; least++ {
		if tail += binomial(least, n, p); tail >= chance/2 {
			break
		}
	}
	tail = 0
	for most = n; most > least; most-- {
		if tail += binomial(most, n, p); tail >= chance/2 {
			break
		}
	}
	return least, most
}

// binomial is the probability that k of n come.
func binomial(k, n int, p float64) float64 {
	lgamma := func(x int) float64 {
		value, _ := math.Lgamma(float64(x))
		return value
	}
	return math.Exp(lgamma(n+1) - lgamma(k+1) - lgamma(n-k+1) + float64(k)*math.Log(p) + float64(n-k)*math.Log1p(-p))
}
