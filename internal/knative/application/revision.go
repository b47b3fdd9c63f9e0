package application

import (
	"crypto/sha256"
	"encoding/base32"
	"encoding/json"
	"fmt"
	"strings"
)

const (
	// maxName is the longest name that Knative makes a host name's label of.
	maxName = 63
	// hashLength is how many characters of 5 bits each tell revisions of one
	// application apart: 40 bits, at a thousand revisions a chance of some one in
	// two million that any two are confused.
	hashLength = 8
)

var hashEncoding = base32.NewEncoding("abcdefghijklmnopqrstuvwxyz234567").WithPadding(base32.NoPadding)

// contentHash addresses a value by its content: equal content has an equal
// hash, in whatever order a map is written.
func contentHash(content any) (string, error) {
	canonical, err := json.Marshal(content) // sorts the keys of maps
	if err != nil {
		return "", fmt.Errorf("encoding what is to be hashed: %w", err)
	}
	sum := sha256.Sum256(canonical)
	return hashEncoding.EncodeToString(sum[:])[:hashLength], nil
}

// RevisionName returns the name of the revision of an application with that
// version (or none) and that content: its expanded template, with what others
// have put into it, if they have. Equal content is the same revision: going back
// to an earlier template finds its revision again.
func RevisionName(application, version string, content any) (string, error) {
	hash, err := contentHash(content)
	if err != nil {
		return "", err
	}
	middle := fitVersion(version, maxName-len(application)-hashLength-2)
	if middle != "" {
		middle += "-"
	}
	return application + "-" + middle + hash, nil
}

// fitVersion makes a version fit for a part of a DNS name: what is no letter or
// digit becomes a hyphen, and what is too long is cut, which is harmless since
// the hash tells revisions apart.
func fitVersion(version string, room int) string {
	fit := strings.Map(func(r rune) rune {
		switch {
		case r >= 'a' && r <= 'z', r >= '0' && r <= '9':
			return r
		case r >= 'A' && r <= 'Z':
			return r - 'A' + 'a'
		}
		return '-'
	}, version)
	if len(fit) > room {
		fit = fit[:max(room, 0)]
	}
	return strings.Trim(fit, "-")
}
