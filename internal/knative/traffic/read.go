package traffic

import (
	"context"
	"slices"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/types"
	knative "knative.dev/serving/pkg/apis/serving"

	"github.com/sls-platform/terraform-provider-sls/internal/istio/routing"
	"github.com/sls-platform/terraform-provider-sls/internal/knative/serving"
	"github.com/sls-platform/terraform-provider-sls/internal/kube"
	"github.com/sls-platform/terraform-provider-sls/internal/lifecycle"
)

// seen is what a refresh finds.
type seen struct {
	revisions []Revision
	targets   []Target
	found
	hosts []string
	state serving.Readiness
}

// see puts what is on the cluster into HCL.
func (r *Resource) see(ctx context.Context, cluster *kube.Cluster, prior *configuration, service, delegate *kube.Object) (*seen, error) {
	importing := prior.Revisions.IsNull()
	namespace, name := service.GetNamespace(), service.GetName()
	decoded, err := serving.DecodeService(service)
	if err != nil {
		return nil, err
	}
	roots, err := readRoots(ctx, cluster, routing.Application{Namespace: namespace, Name: name})
	if err != nil {
		return nil, err
	}
	s := &seen{hosts: hostsOf(roots), state: assessTraffic(decoded)}
	live := sharesOf(service)
	stoodFor := prior.targets
	s.revisions = flattenRevisions(live, prior.revisions, stoodFor)

	// The revisions themselves are looked at only for what they alone tell.
	on := &deployed{service: decoded}
	if importing || slices.ContainsFunc(prior.revisions, func(r Revision) bool { return !r.MinScale.IsNull() }) {
		objects, err := readRevisions(ctx, cluster, namespace, name)
		if err != nil {
			return nil, err
		}
		if on, err = observe(service, objects); err != nil {
			return nil, err
		}
	}
	if importing {
		nameVersions(s.revisions, on)
	}
	versions := map[string]string{}
	for _, t := range stoodFor {
		versions[t.Revision.ValueString()] = t.Version.ValueString()
	}
	for _, revision := range on.revisions {
		versions[revision.Name] = revision.Labels[serving.VersionLabel]
	}
	var ts targets
	for i, share := range live {
		ts = append(ts, target{share: share, version: versions[share.revision]})
		ts[i].tag = s.revisions[i].Tag.ValueString()
	}
	s.targets = flattenTargets(ts, decoded.Status.Traffic)
	flattenMinScale(s.revisions, ts, on, importing)

	of := delegateOf(namespace, name, r.Platform.Ingress)
	want := of
	if !importing {
		before := targetsOf(prior.revisions, stoodFor)
		want = expandDelegate(prior, before, before.shares(), of)
	}
	spec, unreadable := specOf(delegate)
	if unreadable != "" {
		s.found = found{prior.rules, prior.sticky, prior.VersionHeader, []string{unreadable}}
		return s, nil
	}
	if importing {
		want.Targets = percentsOf(ts)
	}
	s.found = flattenDelegate(spec, want, prior, routing.DelegateName(name))
	return s, nil
}

// readRevisions returns an application's revisions, for a refresh or a plan: one
// list for all applications of a namespace.
func readRevisions(ctx context.Context, cluster *kube.Cluster, namespace, application string) ([]kube.Object, error) {
	return cluster.ReadLabelled(ctx, serving.Revisions, namespace, nil, knative.ServiceLabelKey, application)
}

// specOf returns what a delegate says, nil if there is none, or why it can't be
// read: what is not of this provider's making is no error, but drift.
func specOf(delegate *kube.Object) (of *spec, unreadable string) {
	if delegate == nil || delegate.GetDeletionTimestamp() != nil {
		return nil, ""
	}
	of, err := routing.Decode(delegate)
	if err != nil {
		return nil, err.Error()
	}
	return of, ""
}

// percentsOf returns the targets that percents need.
func percentsOf(ts targets) (of []routing.Target) {
	for i, t := range ts {
		if t.percent > 0 {
			of = append(of, routing.Target{Tag: ts.tag(i), Percent: int(t.percent), Version: t.shownVersion()})
		}
	}
	return of
}

// nameVersions puts versions in the place of those revisions that a version
// stands for.
func nameVersions(entries []Revision, on *deployed) {
	for i, entry := range entries {
		revision := on.revision(entry.Revision.ValueString())
		if revision == nil || revision.Labels[serving.VersionLabel] == "" {
			continue
		}
		version := revision.Labels[serving.VersionLabel]
		if newest, _, _ := on.ofVersion(version); newest != nil && newest.Name == revision.Name {
			entries[i].Version, entries[i].Revision = types.StringValue(version), types.StringNull()
		}
	}
}

// flattenMinScale sets the least number of pods that is kept for each entry.
func flattenMinScale(entries []Revision, ts targets, on *deployed, importing bool) {
	for i := range entries {
		if entries[i].MinScale.IsNull() && !importing {
			continue
		}
		var pods int64
		if revision := on.revision(ts[i].revision); revision != nil {
			pods = kept(revision)
		}
		switch {
		case pods == 0:
			entries[i].MinScale = types.Int64Null()
		case importing, !sharedMinScale(ts, i), pods < entries[i].MinScale.ValueInt64():
			// Of several entries of one revision, the greatest counts.
			entries[i].MinScale = types.Int64Value(pods)
		}
	}
}

func sharedMinScale(ts targets, entry int) bool {
	for i, t := range ts {
		if i != entry && t.revision == ts[entry].revision {
			return true
		}
	}
	return false
}

// flatten puts what was found into the state.
func (s *seen) flatten(ctx context.Context, state *Model, diags *diag.Diagnostics) {
	importing := state.Revisions.IsNull()
	encode(ctx, "revisions", s.revisions, &state.Revisions, diags)
	encode(ctx, "targets", s.targets, &state.Targets, diags)
	encode(ctx, "rules", s.rules, &state.Rules, diags)
	encode(ctx, "sticky", s.sticky, &state.Sticky, diags)
	encode(ctx, "rules_hosts", s.hosts, &state.RulesHosts, diags)
	if s.drift == nil {
		s.drift = []string{}
	}
	encode(ctx, "drift", s.drift, &state.Drift, diags)
	state.VersionHeader = s.versionHeader
	ready := s.state.Holding(state.Ready.ValueBool())
	state.Ready = types.BoolValue(ready.Phase == serving.Ready)
	state.StatusMessage = lifecycle.NullIfEmpty(ready.String())
	if importing {
		setDefaults(state)
	}
}

// setDefaults sets what an import can't read from the cluster, as the schema's
// defaults have it, so that the first plan shows no change of it.
func setDefaults(m *Model) {
	m.Drain = types.StringValue(defaultDrain)
	m.MissingRevision = types.StringValue(missingError)
	m.OnDestroy = types.StringValue(destroyKeep)
	m.Adopt, m.ForceConflicts = types.BoolValue(false), types.BoolValue(false)
}
