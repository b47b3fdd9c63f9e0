package kube

import (
	"context"
	"sync"
)

// warningLog collects the warning headers that the API server sends with its
// answers, each text once: a default that Knative thinks insecure comes back
// with every single write, and a hundred repetitions help nobody.
type warningLog struct {
	mu    sync.Mutex
	seen  map[string]bool
	fresh []string
}

// HandleWarningHeaderWithContext implements rest.WarningHandlerWithContext.
func (l *warningLog) HandleWarningHeaderWithContext(_ context.Context, code int, _ string, text string) {
	const miscellaneous = 299 // the only code that Kubernetes gives a meaning
	if code != miscellaneous || text == "" {
		return
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.seen[text] {
		return
	}
	if l.seen == nil {
		l.seen = map[string]bool{}
	}
	l.seen[text] = true
	l.fresh = append(l.fresh, text)
}

// TakeWarnings returns the API server's warnings that no earlier call returned.
func (c *Cluster) TakeWarnings() []string {
	c.warnings.mu.Lock()
	defer c.warnings.mu.Unlock()
	fresh := c.warnings.fresh
	c.warnings.fresh = nil
	return fresh
}
