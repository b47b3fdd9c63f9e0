package component

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"

	"github.com/sls-platform/terraform-provider-sls/internal/kube"
	"github.com/sls-platform/terraform-provider-sls/internal/platform/manifest"
)

// problem is an error that knows its own words.
type problem interface {
	error
	// in returns what is wrong, and the attribute that it is about, or "".
	in() (kube.Problem, string)
}

// objectError is what happened to one object.
type objectError struct {
	id  manifest.ID
	err error
}

func (e *objectError) Error() string { return e.id.String() + ": " + e.err.Error() }
func (e *objectError) Unwrap() error { return e.err }

func (e *objectError) in() (kube.Problem, string) {
	if inner := problem(nil); errors.As(e.err, &inner) {
		return inner.in()
	}
	p := kube.Diagnose(e.err)
	return kube.Problem{Summary: e.id.String() + ": " + p.Summary, Detail: p.Detail}, ""
}

// claimed says that an object belongs to another component.
type claimed struct {
	id          manifest.ID
	ours, other string
}

func (e *claimed) Error() string {
	return fmt.Sprintf("%s belongs to the component %s", e.id, e.other)
}

func (e *claimed) in() (kube.Problem, string) {
	return kube.Problem{
		Summary: fmt.Sprintf("%s belongs to another component", e.id),
		Detail: fmt.Sprintf("Both the component %[2]s and the component %[3]s have %[1]s in their manifests, and only one of them can decide what it is.\n\n"+
			"Leave it out of one of the two manifests, or destroy the component that is not needed any more.", e.id, e.ours, e.other),
	}, "source"
}

// existingObjects says that objects are there which no component has installed.
type existingObjects struct {
	component string
	ids       []manifest.ID
}

func (e *existingObjects) Error() string { return fmt.Sprintf("%d objects exist already", len(e.ids)) }

func (e *existingObjects) in() (kube.Problem, string) {
	const shown = 10
	var lines []string
	for _, id := range e.ids[:min(shown, len(e.ids))] {
		lines = append(lines, "  - "+id.String())
	}
	if more := len(e.ids) - shown; more > 0 {
		lines = append(lines, fmt.Sprintf("  - and %d more", more))
	}
	return kube.Problem{
		Summary: fmt.Sprintf("%d objects of the manifest exist already", len(e.ids)),
		Detail: fmt.Sprintf("These are on the cluster, and no component has installed them:\n\n%s\n\n"+
			"To manage them by the component %s from now on, set adopt = true. Nothing was written.", strings.Join(lines, "\n"), e.component),
	}, "adopt"
}

// existingComponent says that a component of the name is there.
type existingComponent struct{ name string }

func (e *existingComponent) Error() string { return "the component exists already" }

func (e *existingComponent) in() (kube.Problem, string) {
	return kube.Problem{
		Summary: "the component exists already",
		Detail: fmt.Sprintf("The ConfigMap %s/%s says that the component %[3]s is installed. To manage it here, import it:\n\n"+
			"import {\n  to = sls_platform_component.<name>\n  id = \"%[3]s\"\n}\n\n"+
			"In a module, which can hold no import block, set adopt = true.", inventoryNamespace, inventoryName(e.name), e.name),
	}, "name"
}

// storedVersions says that a definition lacks versions that are stored.
type storedVersions struct {
	id      manifest.ID
	missing []string
}

func (e *storedVersions) Error() string {
	return fmt.Sprintf("%s lacks the version %s", e.id, strings.Join(e.missing, ", "))
}

func (e *storedVersions) in() (kube.Problem, string) {
	return kube.Problem{
		Summary: fmt.Sprintf("%s lacks a version in which objects are stored", e.id),
		Detail: fmt.Sprintf("On the cluster, objects of %[1]s are or were stored in %[2]s, which the manifest's definition does not have: they could not be read any more, and the API server refuses it.\n\n"+
			"Take a release that still has this version. Or first write all objects anew, so that they are stored in a newer version (releases have a Job for that, such as Knative's storage-version-migration), and take %[2]s out of the definition's status.storedVersions.",
			e.id.Name, strings.Join(e.missing, ", ")),
	}, "source"
}

// unservedKind says that an object is of a kind that the cluster does not know.
type unservedKind struct{ object *manifest.Object }

func (e *unservedKind) Error() string {
	return fmt.Sprintf("the cluster does not serve the kind of %s", e.object)
}

func (e *unservedKind) in() (kube.Problem, string) {
	return kube.Problem{
		Summary: fmt.Sprintf("%s is of a kind that the cluster does not serve", e.object),
		Detail: fmt.Sprintf("Neither the manifest nor the cluster has a definition of %s in %s (%s).\n\n"+
			"Install the component that brings it first: name it in depends_on.", e.object.Kind, e.object.GetAPIVersion(), e.object.Origin),
	}, "source"
}

// noNamespace says that an object lacks a namespace, which the cluster alone
// knew.
type noNamespace struct{ object *manifest.Object }

func (e *noNamespace) Error() string { return fmt.Sprintf("%s names no namespace", e.object) }

func (e *noNamespace) in() (kube.Problem, string) {
	return kube.Problem{
		Summary: fmt.Sprintf("%s names no namespace", e.object),
		Detail: fmt.Sprintf("Objects of the kind %s are in namespaces, and neither Kubernetes nor the manifest says so: "+
			"the attribute namespace does not reach them. Give it a metadata.namespace (%s).", e.object.Kind, e.object.Origin),
	}, "source"
}

// brokenInventory says that what was noted of a component can't be read.
type brokenInventory struct {
	component string
	err       error
}

func (e *brokenInventory) Error() string { return e.err.Error() }
func (e *brokenInventory) Unwrap() error { return e.err }

func (e *brokenInventory) in() (kube.Problem, string) {
	return kube.Problem{
		Summary: "the component's inventory is broken",
		Detail: fmt.Sprintf("The ConfigMap %s/%s, in which the objects of the component %s are noted, can't be read: %s. Somebody has changed it.\n\n"+
			"Restore it from a backup. Or delete it and apply again: the objects carry the component's label, and are taken up by it.",
			inventoryNamespace, inventoryName(e.component), e.component, e.err),
	}, "name"
}

// concurrentApply says that somebody else applies the component.
type concurrentApply struct{ component string }

func (e *concurrentApply) Error() string { return "somebody else applies the component" }

func (e *concurrentApply) in() (kube.Problem, string) {
	return kube.Problem{
		Summary: "somebody else applies the component",
		Detail: fmt.Sprintf("The ConfigMap %s/%s was changed meanwhile. Wait until the other apply is over, and apply again: "+
			"the next plan starts from what is there then. A component belongs into one state only.", inventoryNamespace, inventoryName(e.component)),
	}, ""
}

// problemOf puts the first of an error's problems into words.
func problemOf(err error) kube.Problem {
	if all := each(err); len(all) > 0 {
		p, _ := inWords(all[0])
		return p
	}
	return kube.Problem{}
}

func inWords(err error) (kube.Problem, string) {
	if p := problem(nil); errors.As(err, &p) {
		return p.in()
	}
	if broken := (*manifest.Error)(nil); errors.As(err, &broken) {
		return kube.Problem{Summary: broken.Summary, Detail: broken.Detail}, broken.Attribute
	}
	return kube.Diagnose(err), ""
}

// each returns the errors that were joined.
func each(err error) []error {
	if joined, ok := err.(interface{ Unwrap() []error }); ok {
		var all []error
		for _, inner := range joined.Unwrap() {
			all = append(all, each(inner)...)
		}
		return all
	}
	if err == nil {
		return nil
	}
	return []error{err}
}

// at returns where an attribute is: what is wrong with a manifest is wrong where
// the manifest comes from.
func (m *Model) at(attribute string) path.Path {
	if attribute == "source" && !m.Manifest.IsNull() {
		attribute = "manifest"
	}
	return path.Root(attribute)
}

// shownErrors is how many errors of an apply are shown: when the cluster is
// away, all objects have the same.
const shownErrors = 5

// addError adds what went wrong with a component, each problem at the attribute
// that it is about.
func addError(diags *diag.Diagnostics, m *Model, doing string, err error) {
	seen := []kube.Problem{}
	for _, one := range each(err) {
		p, attribute := inWords(one)
		if slices.Contains(seen, p) {
			continue
		}
		seen = append(seen, p)
		if len(seen) > shownErrors {
			continue
		}
		if attribute == "" {
			diags.AddError(doing+": "+p.Summary, p.Detail)
			continue
		}
		diags.AddAttributeError(m.at(attribute), doing+": "+p.Summary, p.Detail)
	}
	if more := len(seen) - shownErrors; more > 0 {
		diags.AddError(fmt.Sprintf("%s: %d more errors", doing, more), "The errors above are the first ones. Apply again once they are mended.")
	}
}
