package traffic

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/path"

	"github.com/sls-platform/terraform-provider-sls/internal/istio/routing"
	"github.com/sls-platform/terraform-provider-sls/internal/knative/serving"
	"github.com/sls-platform/terraform-provider-sls/internal/kube"
)

// transition leads from the traffic that is live to the traffic that is wanted,
// so that nobody's request fails on the way and that it can end anywhere: each
// state in between serves what was wanted before or what is wanted now, and the
// next transition goes out from what is live.
type transition struct {
	*writer
	config *configuration
	of     routing.Delegate // without what the configuration says
	on     *deployed
	want   targets

	marked, done string // the mark on the way, and at the end
	drain        time.Duration

	service  *kube.Object // as it is now
	delegate *kube.Object // as it was found last; nil if there was none
	roots    []root       // the domains that lead to the application
	follow   *kube.Await
	wrote    bool // something is written
	unproven bool // there is a probe, and it was not answered yet
}

// at is an error of the transition that one attribute is the cause of.
type at struct {
	path path.Path
	err  error
}

func (e *at) Error() string { return e.err.Error() }

func (e *at) Unwrap() error { return e.err }

func (t *transition) run(ctx context.Context) error {
	t.unproven = t.config.probe != nil
	// What can't be fitted under a domain's prefix is refused before anything is
	// written, as is what somebody else has set.
	latest := t.on.service.Status.LatestReadyRevisionName
	reachable := t.want.reachable(sharesOf(t.service), latest, t.on.serves)
	spec := t.spec(reachable)
	if _, err := rebased(spec, t.roots); err != nil {
		return err
	}
	if err := t.refuse(t.service, t.want.shares(), t.delegate, spec); err != nil {
		return err
	}

	// Everything that is going to be sent to can be reached, and is warm.
	if err := t.send(ctx, func(live []share) []share { return t.want.reachable(live, latest, t.on.serves) }); err != nil {
		return err
	}
	least := t.want.minScales()
	for _, revision := range slices.Sorted(maps.Keys(least)) {
		if err := t.warm(ctx, t.of.Application.Namespace, revision, least[revision]); err != nil {
			return &at{t.entryOf(revision).AtName("min_scale"), err}
		}
	}
	// Callers by a domain switch, all percents and rules at one moment; then
	// callers by Knative's own hosts.
	if err := t.writeDelegates(ctx); err != nil {
		return err
	}
	if err := t.send(ctx, func(live []share) []share { return t.want.withOldTags(live, t.on.serves) }); err != nil {
		return err
	}
	// Tags that have moved are used by their own names from now on.
	if !routing.Equal(t.spec(sharesOf(t.service)), spec) {
		if err := t.findDelegate(ctx); err != nil {
			return err
		}
		if err := t.writeDelegates(ctx); err != nil {
			return err
		}
	}
	if t.unproven {
		if err := t.prove(ctx); err != nil {
			return &at{path.Root("probe"), err}
		}
		t.unproven = false
	}
	// What retires goes when nobody is sent to it any more.
	if !slices.Equal(sharesOf(t.service), t.want.shares()) {
		if err := pause(ctx, t.drain); err != nil {
			return err
		}
	}
	for _, revision := range t.on.revisions {
		if least[revision.Name] > 0 || kept(revision) == 0 {
			continue
		}
		if err := t.release(ctx, revision.Namespace, revision.Name); err != nil {
			return err
		}
	}
	return t.send(ctx, func([]share) []share { return t.want.shares() })
}

// send sets the Service's traffic and waits until it goes there. What sets it to
// what is wanted has the mark of the end: with any other, the Service would have to
// be written once more, for the mark alone. But a probe may take minutes, in which an
// apply is killed and its configuration changed.
func (t *transition) send(ctx context.Context, next func(live []share) []share) error {
	marked := t.marked
	if !t.unproven && slices.Equal(next(sharesOf(t.service)), t.want.shares()) {
		marked = t.done
	}
	service, err := t.shares(ctx, t.service, marked, next)
	if err != nil {
		return err
	}
	t.wrote = t.wrote || service != t.service
	t.service = service
	service, err = awaitRoutes(ctx, t.follow, t.service)
	t.service = cmp.Or(service, t.service)
	return err
}

// spec returns the delegate while the Service's traffic is that.
func (t *transition) spec(live []share) *spec { return t.delegateFor(live).Spec() }

func (t *transition) delegateFor(live []share) routing.Delegate {
	return expandDelegate(t.config, t.want, live, t.of)
}

// writeDelegates writes the delegate, and its copies for those domains that have
// the application beneath a prefix.
func (t *transition) writeDelegates(ctx context.Context) error {
	spec := t.spec(sharesOf(t.service))
	copies, err := rebased(spec, t.roots)
	if err != nil {
		return err
	}
	wanted, err := t.delegateObject(t.of.Application, "", spec)
	if err != nil {
		return err
	}
	t.wrote = true
	if err := t.applyDelegate(ctx, t.delegate, wanted, false); err != nil {
		return err
	}
	for _, prefix := range slices.Sorted(maps.Keys(copies)) {
		wanted, err := t.delegateObject(t.of.Application, prefix, copies[prefix])
		if err != nil {
			return err
		}
		live, err := t.cluster.Find(ctx, routing.VirtualServices, wanted.GetNamespace(), wanted.GetName())
		if err != nil {
			return err
		}
		if err := t.applyDelegate(ctx, live, wanted, true); err != nil {
			return err
		}
	}
	return nil
}

func (t *transition) findDelegate(ctx context.Context) (err error) {
	t.delegate, err = t.cluster.Find(ctx, routing.VirtualServices, t.of.Application.Namespace, routing.DelegateName(t.of.Application.Name))
	return err
}

// entryOf returns the first entry that stands for a revision.
func (t *transition) entryOf(revision string) path.Path {
	for i, target := range t.want {
		if target.revision == revision {
			return path.Root("revisions").AtListIndex(i)
		}
	}
	return path.Root("revisions")
}

// awaitTargets is findTargets, and waits for a revision that Knative is about to
// make or to start: the application may have been applied a moment ago, without
// waiting. It writes nothing.
func (t *transition) awaitTargets(ctx context.Context) (problems, collapsed []problem, err error) {
	if problems, collapsed, err = t.findTargets(ctx); err != nil || !t.on.awaits(t.config.revisions) {
		return problems, collapsed, err
	}
	service, err := awaitRevision(ctx, t.follow, t.service)
	if err == nil {
		t.service = service
		return t.findTargets(ctx)
	}
	if !errors.Is(err, context.DeadlineExceeded) {
		return nil, nil, err
	}
	// What is missing is told as it is at the end of the wait, not as it was at its
	// begin: the revision may have been made meanwhile.
	late, cancel := context.WithTimeout(context.WithoutCancel(ctx), afterwards)
	defer cancel()
	if now, failed := t.cluster.Find(late, serving.Services, t.service.GetNamespace(), t.service.GetName()); failed == nil && now != nil {
		t.service = now
	}
	problems, _, failed := t.findTargets(late)
	if failed != nil || len(problems) == 0 {
		return nil, nil, err
	}
	for i := range problems {
		problems[i].detail += "\n\nThe time to wait is over: see the attribute timeouts."
	}
	return problems, nil, nil
}

// findTargets finds out what is wanted of the revisions that there are.
func (t *transition) findTargets(ctx context.Context) (problems, collapsed []problem, err error) {
	revisions, err := t.cluster.List(ctx, serving.Revisions, t.service.GetNamespace(), revisionsOf(t.service.GetName()))
	if err != nil {
		return nil, nil, fmt.Errorf("listing the revisions of %s: %w", t.service.GetName(), err)
	}
	if t.on, err = observe(t.service, revisions); err != nil {
		return nil, nil, err
	}
	t.want, problems, collapsed = resolve(t.config.revisions, t.on, t.config.MissingRevision.ValueString() == missingCollapse)
	return problems, collapsed, nil
}
