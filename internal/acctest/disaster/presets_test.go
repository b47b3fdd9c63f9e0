package disaster_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/sls-platform/terraform-provider-sls/internal/acctest"
	"github.com/sls-platform/terraform-provider-sls/internal/velero/selection"
)

// captures compares what a backup with a preset holds with what the preset says of
// each object of the cluster, and tells it all.
func captures(t *testing.T, p acctest.Platform, preset, backup string, objects []object) {
	t.Helper()
	var described struct {
		BackupStatus struct {
			BackupResourceList map[string][]string `json:"resourceList"`
		} `json:"status"`
	}
	text := p.Velero(t, "backup", "describe", backup, "--details", "-o", "json")
	if err := json.Unmarshal([]byte(text), &described); err != nil {
		t.Fatalf("%s\n%s", err, text)
	}
	held := map[string]bool{}
	for kind, names := range described.BackupStatus.BackupResourceList {
		for _, name := range names {
			held[kind+" "+name] = true
		}
	}
	if len(held) == 0 {
		t.Fatalf("velero tells of nothing that is in the backup:\n%s", text)
	}
	kinds := map[string]bool{} // of which there is an object in the backup
	for _, o := range objects {
		kinds[o.Kind] = kinds[o.Kind] || held[o.in()]
	}
	var list []string
	for _, o := range objects {
		in, why := selection.Presets()[preset].Verdict(o.Item)
		if o.Kind == "customresourcedefinitions.apiextensions.k8s.io" && preset == "application" {
			in = in && kinds[o.Name]
		}
		where := o.where()
		if held[o.in()] != in {
			t.Errorf("by the preset %s, %s %s should be in: %t (%s)", preset, o.Kind, where, in, why)
		}
		word := "out"
		if in {
			word = "in"
		}
		list = append(list, fmt.Sprintf("%-3s %s %s: %s", word, o.Kind, where, why))
	}
	slices.Sort(list)
	t.Logf("the preset %s: %d objects of %d\n%s", preset, len(held), len(objects), strings.Join(list, "\n"))
}

// object is one of a cluster's.
type object struct {
	selection.Item

	versioned string // as Velero tells of its kind: apps/v1/Deployment
}

func (o object) where() string { return strings.TrimPrefix(o.Namespace+"/"+o.Name, "/") }

// in is how Velero lists the object among what is in a backup.
func (o object) in() string { return o.versioned + " " + o.where() }

// objects are all that a cluster has, but those that come and go by themselves.
func objects(t *testing.T, p acctest.Platform) (all []object) {
	t.Helper()
	for _, kind := range strings.Fields(p.Kubectl(t, "", "api-resources", "--verbs=list,create", "-o", "name")) {
		if strings.HasSuffix(kind, ".metrics.k8s.io") {
			continue
		}
		var list struct {
			Items []struct {
				APIVersion string
				Kind       string
				Metadata   struct {
					Name, Namespace string
					Labels          map[string]string
				}
			}
		}
		text := p.Kubectl(t, "", "get", kind, "--all-namespaces", "-o", "json")
		_, text, _ = strings.Cut("\n"+text, "\n{") // after warnings of kinds that end
		if err := json.Unmarshal([]byte("{"+text), &list); err != nil {
			t.Fatalf("%s: %s", kind, err)
		}
		for _, item := range list.Items {
			all = append(all, object{
				selection.Item{Kind: kind, Namespace: item.Metadata.Namespace, Name: item.Metadata.Name, Labels: item.Metadata.Labels},
				item.APIVersion + "/" + item.Kind,
			})
		}
	}
	return all
}
