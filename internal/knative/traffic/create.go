package traffic

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"

	"github.com/sls-platform/terraform-provider-sls/internal/knative/serving"
	"github.com/sls-platform/terraform-provider-sls/internal/kube"
)

// planned is a hash of what a configuration wants.
func planned(c *configuration) string {
	// Types of HCL have no exported fields; their text has all.
	text := fmt.Sprint(c.Revisions, c.Rules, c.Sticky, c.VersionHeader)
	sum := sha256.Sum256([]byte(text))
	return hex.EncodeToString(sum[:8])
}

// original is the traffic as it was before a create.
type original struct {
	shares   []share
	owned    bool // by our manager: an application with a manual rollout has pinned it
	delegate *kube.Object
}

// look makes sure that a create does not take over what somebody else has set:
// server-side apply would do so without a word. ours says that an earlier create
// of ours did not come to its end.
func (t *transition) look(diags *diag.Diagnostics) (before original, ours bool) {
	namespace, name := t.service.GetNamespace(), t.service.GetName()
	before = original{shares: sharesOf(t.service), owned: kube.Owned(t.service, t.manager)["spec"] != nil, delegate: t.delegate}
	marked := t.service.GetAnnotations()[mark]
	// A create of another plan that was killed before there was a delegate. One that
	// is managed and has lost its delegate since looks the same, until its next update.
	begun := marked != "" && marked != markManaged && t.delegate == nil
	if marked == markCreating || marked == t.done || begun {
		return before, true
	}
	if t.takeover {
		return before, false
	}
	refuse := func(what string) {
		diags.AddAttributeError(path.Root("application"), "The traffic is managed already",
			fmt.Sprintf("%[1]s, which this configuration did not set. To manage it here, import it:\n\n"+
				"import {\n  to = sls_revision_traffic.<name>\n  id = \"%[2]s/%[3]s\"\n}\n\n"+
				"In a module, which can hold no import block, set adopt = true.", what, namespace, name))
	}
	owners := kube.OwnersOf(t.service, t.manager, trafficPath...)
	switch {
	case marked != "":
		refuse(fmt.Sprintf("Another sls_revision_traffic manages the traffic of %s/%s", namespace, name))
	case t.delegate != nil:
		refuse(fmt.Sprintf("There is a VirtualService %s/%s", namespace, t.delegate.GetName()))
	case !followsLatest(before.shares) && len(owners) > 0 && !slices.Equal(before.shares, t.want.shares()):
		text, _ := json.Marshal(encodeShares(before.shares))
		refuse(fmt.Sprintf("The Knative Service %s/%s has the traffic %s, set by %s", namespace, name, text, owners[0]))
	}
	return before, false
}

// undo takes a create back that failed: without a state, what it has made would
// belong to nobody.
func (t *transition) undo(ctx context.Context, before original, ours bool, diags *diag.Diagnostics) {
	if ours || before.delegate != nil {
		diags.AddWarning("The traffic was left as it is", "An earlier apply had begun with it. The next apply goes on.")
		return
	}
	err := t.takeBack(ctx, before)
	if err != nil {
		problem := kube.Diagnose(err)
		diags.AddWarning("The traffic could not be set back: "+problem.Summary, problem.Detail+"\n\nEvery request is served meanwhile. The next apply goes on.")
		return
	}
	diags.AddWarning("The traffic was set back", "It is as it was before this resource was created. The next apply starts anew.")
}

func (t *transition) takeBack(ctx context.Context, before original) error {
	namespace := t.service.GetNamespace()
	removed, err := t.removeDelegates(ctx, namespace, t.service.GetName())
	if err != nil {
		return err
	}
	if removed {
		if err := pause(ctx, min(t.drain, afterwards/3)); err != nil {
			return err
		}
	}
	for revision := range t.want.minScales() {
		if err := t.release(ctx, namespace, revision); err != nil {
			return err
		}
	}
	service, err := t.cluster.Get(ctx, serving.Services, namespace, t.service.GetName())
	if err != nil {
		return err
	}
	set := func([]share) []share { return before.shares }
	if !before.owned && followsLatest(before.shares) {
		set = nil // nobody had a word on it
	}
	_, err = t.shares(ctx, service, "", set)
	return err
}
