package traffic

import (
	"fmt"
	"slices"

	"github.com/hashicorp/terraform-plugin-framework/path"
	knative "knative.dev/serving/pkg/apis/serving"
	servingv1 "knative.dev/serving/pkg/apis/serving/v1"

	"github.com/sls-platform/terraform-provider-sls/internal/knative/serving"
	"github.com/sls-platform/terraform-provider-sls/internal/kube"
)

// deployed is what the cluster has of an application.
type deployed struct {
	service   *servingv1.Service
	revisions []*servingv1.Revision // newest first
}

// observe decodes what was read; of the revisions those of the Service.
func observe(service *kube.Object, revisions []kube.Object) (*deployed, error) {
	d := &deployed{}
	var err error
	if d.service, err = serving.DecodeService(service); err != nil {
		return nil, err
	}
	for i := range revisions {
		if revisions[i].GetLabels()[knative.ServiceLabelKey] != service.GetName() || revisions[i].GetDeletionTimestamp() != nil {
			continue
		}
		revision, err := serving.DecodeRevision(&revisions[i])
		if err != nil {
			return nil, err
		}
		d.revisions = append(d.revisions, revision)
	}
	slices.SortFunc(d.revisions, serving.NewestFirst)
	return d, nil
}

func (d *deployed) revision(name string) *servingv1.Revision {
	at := slices.IndexFunc(d.revisions, func(r *servingv1.Revision) bool { return r.Name == name })
	if at < 0 {
		return nil
	}
	return d.revisions[at]
}

func (d *deployed) exists(name string) bool { return d.revision(name) != nil }

// serves reports whether Knative routes to a revision. One that has failed keeps
// it from routing to all others, just as one that is gone.
func (d *deployed) serves(name string) bool {
	revision := d.revision(name)
	return revision != nil && serving.AssessRevision(revision).Phase != serving.Failed
}

// current is the revision that the application's template stands for.
func (d *deployed) current() string {
	if name := d.service.Spec.Template.Name; name != "" {
		return name
	}
	return d.service.Status.LatestCreatedRevisionName
}

// made is the revision of the application's template, or nil if Knative has yet to
// make it.
func (d *deployed) made() *servingv1.Revision {
	if d.service.Spec.Template.Name == "" && serving.AssessTemplate(d.service).Phase != serving.Ready {
		return nil
	}
	return d.revision(d.current())
}

// awaits reports whether an entry stands for the revision of the application's
// template, and Knative has yet to make it or to start it.
func (d *deployed) awaits(entries []Revision) bool {
	made := d.made()
	if made != nil && serving.AssessRevision(made).Phase != serving.Pending ||
		made == nil && serving.AssessTemplate(d.service).Phase != serving.Pending {
		return false
	}
	template := d.service.Spec.Template
	return slices.ContainsFunc(entries, func(entry Revision) bool {
		switch {
		case entry.Latest.ValueBool():
			return d.service.Status.LatestReadyRevisionName == ""
		case !entry.Version.IsNull():
			version := entry.Version.ValueString()
			ready, _, _ := d.ofVersion(version)
			return ready == nil && version == template.Labels[serving.VersionLabel]
		}
		return entry.Revision.ValueString() == template.Name || made != nil && entry.Revision.ValueString() == made.Name
	})
}

// ofVersion returns the revision of a version that gets its traffic, or why none
// can; found says whether there is any.
func (d *deployed) ofVersion(version string) (revision *servingv1.Revision, found bool, why string) {
	for _, r := range d.revisions {
		if r.Labels[serving.VersionLabel] != version {
			continue
		}
		state := serving.AssessRevision(r)
		switch {
		case state.Phase != serving.Ready:
			if why == "" { // of several, the newest is what the user waits for
				why = fmt.Sprintf("The newest, %s, is not: %s", r.Name, state)
			}
		case r.Name == d.current():
			// Going back to an earlier template takes its revision up again, which is
			// then older than what was tried in between.
			return r, true, ""
		case revision == nil:
			revision = r
		}
		found = true
	}
	return revision, found, why
}

// problem is why an entry can't have traffic.
type problem struct {
	at      path.Path
	summary string
	detail  string
	missing bool // there is no such revision at all
}

// resolve finds the revision of each entry. Entries whose revision is missing
// collapse into the largest one that is not, if that is wanted.
func resolve(entries []Revision, on *deployed, collapse bool) (resolved targets, problems, collapsed []problem) {
	gone := map[int]bool{}
	for i, entry := range entries {
		t := target{share: share{percent: entry.Percent.ValueInt64(), tag: entry.Tag.ValueString()}, minScale: entry.MinScale.ValueInt64()}
		revision, p := resolveEntry(entry, path.Root("revisions").AtListIndex(i), on)
		if p != nil {
			if gone[i] = p.missing; p.missing && collapse {
				collapsed = append(collapsed, *p)
			} else {
				problems = append(problems, *p)
			}
		}
		if revision != nil {
			t.revision, t.version = revision.Name, revision.Labels[serving.VersionLabel]
		}
		resolved = append(resolved, t)
	}
	if len(collapsed) == 0 || len(problems) > 0 {
		return resolved, problems, collapsed
	}
	largest := -1
	for i, t := range resolved {
		if !gone[i] && (largest < 0 || t.percent > resolved[largest].percent) {
			largest = i
		}
	}
	if largest < 0 {
		return resolved, collapsed, nil // nothing to collapse into
	}
	for i := range resolved {
		if gone[i] {
			resolved[i].revision, resolved[i].version, resolved[i].minScale = resolved[largest].revision, resolved[largest].version, 0
		}
	}
	return resolved, nil, collapsed
}

// resolveEntry returns an entry's revision; nil without a problem is the latest
// ready one.
func resolveEntry(entry Revision, at path.Path, on *deployed) (*servingv1.Revision, *problem) {
	name := on.service.Name
	switch {
	case entry.Latest.ValueBool():
		if on.service.Status.LatestReadyRevisionName == "" {
			return nil, &problem{
				at: at.AtName("latest"), summary: "The application has no ready revision",
				detail: fmt.Sprintf("Knative reports of %s: %s. The traffic stays as it is.", name, serving.Assess(on.service, "")),
			}
		}
		return nil, nil
	case !entry.Version.IsNull():
		version := entry.Version.ValueString()
		revision, found, why := on.ofVersion(version)
		if revision == nil && !found {
			return nil, &problem{
				at: at.AtName("version"), missing: true, summary: fmt.Sprintf("There is no revision of version %s", version),
				detail: fmt.Sprintf("The application %s has no revision with the label %s=%s. Deploy it first: refer to sls_application.….version, or use depends_on, so that Terraform knows the order. The traffic stays as it is.",
					name, serving.VersionLabel, version),
			}
		}
		if revision == nil {
			return nil, &problem{
				at: at.AtName("version"), summary: fmt.Sprintf("Version %s has no ready revision", version),
				detail: why + ".\n\nThe traffic stays as it is. The next apply tries again.",
			}
		}
		return revision, nil
	}
	wanted := entry.Revision.ValueString()
	revision := on.revision(wanted)
	if revision == nil {
		return nil, &problem{
			at: at.AtName("revision"), missing: true, summary: fmt.Sprintf("There is no revision %s", wanted),
			detail: fmt.Sprintf("The application %s has no such revision: data.sls_revisions lists those that it has. The traffic stays as it is.", name),
		}
	}
	if state := serving.AssessRevision(revision); state.Phase != serving.Ready {
		return nil, &problem{
			at: at.AtName("revision"), summary: fmt.Sprintf("Revision %s is not ready", wanted),
			detail: fmt.Sprintf("Knative reports: %s.\n\nThe traffic stays as it is. The next apply tries again.", state),
		}
	}
	return revision, nil
}
