package restore

import (
	"cmp"
	"context"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"
	velero "github.com/vmware-tanzu/velero/pkg/apis/velero/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/sls-platform/terraform-provider-sls/internal/kube"
	"github.com/sls-platform/terraform-provider-sls/internal/velero/object"
)

const (
	group = "sls-platform.github.io"
	// nameLabel is on the Restores of a resource.
	nameLabel = group + "/restore"
	// orderAnnotation is on a Restore until all stages are done: what is found with
	// it was left by an apply that did not come to its end.
	orderAnnotation = group + "/unfinished"

	// modifiersName is the ConfigMap with what a restore takes out of objects.
	modifiersName = "sls-restore-modifiers"

	shownMessages = 10

	// tries is how often a stage is tried that fails before it has restored anything.
	// Velero's server writes its credentials anew while it has them read, and a restore
	// that finds the file empty is refused by the store.
	tries    = 3
	tryAgain = 5 * time.Second
)

// modifiers take out of what is restored what Knative writes itself and refuses
// from anybody else.
const modifiers = `version: v1
resourceModifierRules:
- conditions:
    groupResource: services.serving.knative.dev
  mergePatches:
  - patchData: |
      {"metadata": {"annotations": {"serving.knative.dev/creator": null, "serving.knative.dev/lastModifier": null}}}
`

var configMaps = kube.Kind{GroupVersionResource: schema.GroupVersionResource{Version: "v1", Resource: "configmaps"}, Name: "ConfigMap"}

// run is a restore under way.
type run struct {
	cluster         *kube.Cluster
	manager         string
	namespace, name string
	order           string
	began           time.Time
	policy          string
	mapping         map[string]string
	allowPartial    bool

	backup  *velero.Backup
	stages  []*velero.Restore // that are done
	waiting string            // what is waited for
}

// do restores, stage after stage.
func (r *run) do(ctx context.Context, from From, stages []Stage) error {
	r.waiting = "Velero's server has not answered yet."
	left, err := r.unfinished(ctx)
	if err != nil {
		return err
	}
	if len(left) > 0 && from.Backup.IsNull() {
		// The backup that was chosen then: half of one and half of another is none.
		name := left[0].Spec.BackupName
		from.Backup, from.Schedule, from.MaxAge = types.StringValue(name), types.StringNull(), types.StringNull()
	}
	if r.backup, err = r.source(ctx, from); err != nil {
		return err
	}
	if err := r.putModifiers(ctx); err != nil {
		return err
	}
	for _, stage := range stages {
		if err := r.stage(ctx, stage, left); err != nil {
			return err
		}
	}
	return r.finish(ctx)
}

// unfinished returns the Restores of this order that an apply has left which did
// not come to its end.
func (r *run) unfinished(ctx context.Context) ([]*velero.Restore, error) {
	objects, err := r.cluster.List(ctx, object.Restores, r.namespace, map[string]string{nameLabel: r.name})
	if err != nil {
		return nil, err
	}
	var left []*velero.Restore
	for i := range objects {
		if objects[i].GetAnnotations()[orderAnnotation] != r.order || objects[i].GetDeletionTimestamp() != nil {
			continue
		}
		restore, err := object.Decode[velero.Restore](&objects[i])
		if err != nil {
			return nil, err
		}
		left = append(left, restore)
	}
	slices.SortFunc(left, func(a, b *velero.Restore) int { return b.CreationTimestamp.Compare(a.CreationTimestamp.Time) })
	return left, nil
}

// putModifiers brings the ConfigMap that the Restores name.
func (r *run) putModifiers(ctx context.Context) error {
	configMap := &kube.Object{Object: map[string]any{
		"apiVersion": "v1", "kind": configMaps.Name, "data": map[string]any{"rules.yaml": modifiers},
	}}
	configMap.SetNamespace(r.namespace)
	configMap.SetName(modifiersName)
	if _, err := r.cluster.Apply(ctx, configMaps, configMap, kube.ApplyOptions{Manager: r.manager, Force: true}); err != nil {
		return fmt.Errorf("writing the ConfigMap %s/%s, which tells Velero what to leave out of objects: %w", r.namespace, modifiersName, err)
	}
	return nil
}

// stage makes a Restore, or takes up the one that was left, and waits until it is
// done, and until what it has brought can be built on.
func (r *run) stage(ctx context.Context, stage Stage, left []*velero.Restore) error {
	base := r.name + "-" + r.order + "-" + stage.Name
	at := slices.IndexFunc(left, func(l *velero.Restore) bool {
		return (l.Name == base || strings.HasPrefix(l.Name, base+"-")) && l.Spec.BackupName == r.backup.Name && !failedFor(l, r.allowPartial)
	})
	var name string
	if at >= 0 {
		name = left[at].Name
	}
	for try := 1; ; try++ {
		if name == "" {
			if err := r.awaitDiscovery(ctx, stage); err != nil {
				return err
			}
			made, err := r.make(ctx, base, stage)
			if err != nil {
				return err
			}
			name = made
		}
		restore, err := r.await(ctx, stage, name)
		switch {
		case err == nil:
			r.stages = append(r.stages, restore)
			return r.awaitUse(ctx, stage, name)
		case try == tries || !beganNothing(restore):
			return err
		}
		if pause(ctx, tryAgain) != nil {
			return err
		}
		name = ""
	}
}

// beganNothing reports whether a Restore has failed before it restored anything.
func beganNothing(restore *velero.Restore) bool {
	if restore == nil || restore.Status.Phase != velero.RestorePhaseFailed {
		return false
	}
	progress := restore.Status.Progress
	return progress == nil || progress.ItemsRestored == 0
}

// make creates a Restore under a name that is free: one is never run twice.
func (r *run) make(ctx context.Context, base string, stage Stage) (string, error) {
	for attempt := 1; ; attempt++ {
		name := base
		if attempt > 1 {
			name = fmt.Sprintf("%s-%d", base, attempt)
		}
		there, err := r.cluster.Find(ctx, object.Restores, r.namespace, name)
		if err != nil {
			return "", err
		}
		if there != nil {
			continue
		}
		restore := &kube.Object{Object: map[string]any{
			"apiVersion": object.Restores.APIVersion(), "kind": object.Restores.Name,
			"spec": stage.spec(r.backup.Name, r.policy, r.mapping),
		}}
		restore.SetNamespace(r.namespace)
		restore.SetName(name)
		restore.SetLabels(map[string]string{nameLabel: r.name})
		restore.SetAnnotations(map[string]string{orderAnnotation: r.order})
		_, err = r.cluster.Apply(ctx, object.Restores, restore, kube.ApplyOptions{Manager: r.manager})
		return name, err
	}
}

// await waits until a Restore is done. It is returned with the error, too, when it has
// failed.
func (r *run) await(ctx context.Context, stage Stage, name string) (*velero.Restore, error) {
	follow, err := r.cluster.Follow(ctx, object.Restores, r.namespace, name)
	if err != nil {
		return nil, err
	}
	defer follow.Close()
	live, err := r.cluster.Find(ctx, object.Restores, r.namespace, name)
	if err != nil {
		return nil, err
	}
	var restore *velero.Restore
	_, err = follow.Await(ctx, live, func(live *kube.Object) (bool, time.Duration, error) {
		if live == nil {
			return false, 0, &object.Refusal{Summary: "the Restore " + name + " was deleted", Detail: "Somebody else deleted it, or its backup, while it was waited for. The next apply restores anew."}
		}
		var err error
		if restore, err = object.Decode[velero.Restore](live); err != nil {
			return false, 0, err
		}
		r.waiting = progress(stage, restore)
		return ended(restore.Status.Phase), 0, nil
	})
	if err != nil {
		return nil, err
	}
	if !failedFor(restore, r.allowPartial) {
		return restore, nil
	}
	return restore, r.refusal(ctx, stage, restore)
}

// ended reports whether a Restore stays as it is.
func ended(phase velero.RestorePhase) bool {
	switch phase {
	case velero.RestorePhaseCompleted, velero.RestorePhasePartiallyFailed, velero.RestorePhaseFailed, velero.RestorePhaseFailedValidation:
		return true
	}
	return false
}

// failedFor reports whether a Restore has come to an end that will not do.
func failedFor(restore *velero.Restore, allowPartial bool) bool {
	switch restore.Status.Phase {
	case velero.RestorePhaseFailed, velero.RestorePhaseFailedValidation:
		return true
	case velero.RestorePhasePartiallyFailed:
		return !allowPartial
	}
	return false
}

func progress(stage Stage, restore *velero.Restore) string {
	text := fmt.Sprintf("The stage %s (Restore %s) is not done: its phase is %s", stage.Name, restore.Name, cmp.Or(string(restore.Status.Phase), "empty; does Velero's server run in this namespace?"))
	if p := restore.Status.Progress; p != nil {
		text += fmt.Sprintf(", %d of %d items are restored", p.ItemsRestored, p.TotalItems)
	}
	return text + "."
}

// noDeployment is what Velero says where its server does not run as its own
// installation has it.
const noDeployment = `deployments.apps "velero" not found`

// refusal says why a stage failed.
func (r *run) refusal(ctx context.Context, stage Stage, restore *velero.Restore) error {
	const next = "\n\nThe next apply goes on with this stage."
	what := fmt.Sprintf("the stage %s of the backup %s", stage.Name, r.backup.Name)
	switch restore.Status.Phase {
	case velero.RestorePhaseFailedValidation:
		return &object.Refusal{Summary: "Velero refuses " + what, Detail: strings.Join(restore.Status.ValidationErrors, "\n") + next}
	case velero.RestorePhaseFailed:
		return &object.Refusal{Summary: what + " failed", Detail: cmp.Or(restore.Status.FailureReason, "Velero does not say why.") + "\n\nThe log says more: velero restore logs " + restore.Name + next}
	}
	results := object.ReadResults(ctx, r.cluster, r.namespace, velero.DownloadTargetKindRestoreResults, restore.Name)
	if slices.ContainsFunc(results.Errors, func(text string) bool { return strings.Contains(text, noDeployment) }) {
		return &object.Refusal{
			Summary: fmt.Sprintf("Velero can't restore on this cluster: %s", what),
			Detail:  fmt.Sprintf("Velero restores nothing unless its server runs as a Deployment named velero in its namespace, and there is none in %s.%s", r.namespace, next),
		}
	}
	return &object.Refusal{
		At: path.Root("allow_partially_failed"), Summary: fmt.Sprintf("some items of %s could not be restored", what),
		Detail: fmt.Sprintf("Velero has noted %d errors and %d warnings. %s\n\nMend the cause, or accept it by allow_partially_failed = true.%s", restore.Status.Errors, restore.Status.Warnings, results.First(), next),
	}
}

// finish marks the Restores as no longer under way.
func (r *run) finish(ctx context.Context) error {
	for _, restore := range r.stages {
		patch := fmt.Sprintf(`{"metadata":{"annotations":{%q:null}}}`, orderAnnotation)
		if _, err := r.cluster.Patch(ctx, object.Restores, r.namespace, restore.Name, []byte(patch), r.manager); err != nil {
			return err
		}
	}
	return nil
}

// remember puts into the model what came of it, and warns of what Velero warns of.
func (r *run) remember(ctx context.Context, m *Model, diags *diag.Diagnostics) {
	summarize(ctx, r.stages, m, diags)
	m.BackupTime = types.StringValue(object.Began(r.backup).UTC().Format(time.RFC3339))
	var messages []string
	for _, restore := range r.stages {
		if restore.Status.Warnings+restore.Status.Errors > 0 {
			messages = append(messages, telling(object.ReadResults(ctx, r.cluster, r.namespace, velero.DownloadTargetKindRestoreResults, restore.Name))...)
		}
	}
	shown := messages[:min(shownMessages, len(messages))]
	if len(messages) > 0 {
		text := "  - " + strings.Join(shown, "\n  - ")
		if more := len(messages) - len(shown); more > 0 {
			text += fmt.Sprintf("\n  - and %d more", more)
		}
		diags.AddWarning(fmt.Sprintf("Velero has noted something of the restore %s", r.name),
			fmt.Sprintf("%d items of the backup %s were restored.\n\n%s", m.ItemsRestored.ValueInt64(), r.backup.Name, text))
	}
	m.Messages = listOf(ctx, shown, diags)
	r.warnOfVersions(ctx, diags)
}

// summarize puts into the model what the stages' Restores say of themselves.
func summarize(ctx context.Context, stages []*velero.Restore, m *Model, diags *diag.Diagnostics) {
	var names []string
	var items, warnings, failures int
	phase := velero.RestorePhaseCompleted
	for _, restore := range stages {
		names = append(names, restore.Name)
		if restore.Status.Phase != velero.RestorePhaseCompleted {
			phase = restore.Status.Phase
		}
		if p := restore.Status.Progress; p != nil {
			items += p.ItemsRestored
		}
		warnings, failures = warnings+restore.Status.Warnings, failures+restore.Status.Errors
		m.BackupName = types.StringValue(restore.Spec.BackupName)
	}
	m.Phase, m.Expired = types.StringValue(string(phase)), types.BoolValue(false)
	m.ItemsRestored, m.Warnings, m.Errors = types.Int64Value(int64(items)), types.Int64Value(int64(warnings)), types.Int64Value(int64(failures))
	m.Restores = listOf(ctx, names, diags)
}

func listOf(ctx context.Context, texts []string, diags *diag.Diagnostics) types.List {
	list, problems := types.ListValueFrom(ctx, types.StringType, append([]string{}, texts...))
	diags.Append(problems...)
	return list
}

// everyNamespaces are objects that each cluster puts into each namespace itself,
// with its own certificates.
var everyNamespaces = regexp.MustCompile(`ConfigMap:(kube-root-ca\.crt|istio-ca-root-cert|istio-ca-crl) already exists`)

// telling returns what is worth telling of results: not that an object is there
// already and is the same, or has to be another.
func telling(results object.Results) []string {
	if results.Unread != nil {
		return []string{results.First()}
	}
	return append(slices.Clone(results.Errors), slices.DeleteFunc(slices.Clone(results.Warnings), func(text string) bool {
		return strings.Contains(text, "already exists") && !strings.Contains(text, "different") || everyNamespaces.MatchString(text)
	})...)
}

// recall puts into an imported model what the newest Restores of its name say.
func recall(ctx context.Context, live []kube.Object, m *Model, diags *diag.Diagnostics) {
	var all []*velero.Restore
	for i := range live {
		restore, err := object.Decode[velero.Restore](&live[i])
		if err != nil {
			diags.AddError("The Restore can't be understood", err.Error())
			return
		}
		all = append(all, restore)
	}
	// Those that were tried again have failed.
	if came := slices.DeleteFunc(slices.Clone(all), func(restore *velero.Restore) bool { return failedFor(restore, true) }); len(came) > 0 {
		all = came
	}
	slices.SortFunc(all, func(a, b *velero.Restore) int { return a.CreationTimestamp.Compare(b.CreationTimestamp.Time) })
	backup := all[len(all)-1].Spec.BackupName
	summarize(ctx, slices.DeleteFunc(all, func(restore *velero.Restore) bool { return restore.Spec.BackupName != backup }), m, diags)
	m.Messages = listOf(ctx, nil, diags)
}
