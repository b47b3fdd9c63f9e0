package object

import (
	"compress/gzip"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"slices"
	"strings"
	"time"

	velero "github.com/vmware-tanzu/velero/pkg/apis/velero/v1"
	"k8s.io/apimachinery/pkg/util/rand"

	"github.com/sls-platform/terraform-provider-sls/internal/kube"
)

const (
	downloadTime = 30 * time.Second
	mostResults  = 4 << 20 // bytes that are read of them
	shownResults = 5
)

// Results are what Velero's server has noted of a backup or a restore.
type Results struct {
	Errors, Warnings []string
	Unread           error // why they could not be read
}

// First says the first of the errors, or else of the warnings, for people.
func (r Results) First() string {
	if r.Unread != nil {
		return fmt.Sprintf("What Velero has noted of it can't be read from here (%s); velero … describe --details shows it.", r.Unread)
	}
	all, what := r.Errors, "Errors"
	if len(all) == 0 {
		all, what = r.Warnings, "Warnings"
	}
	if len(all) == 0 {
		return "Velero has noted nothing of it."
	}
	text := what + ":\n  - " + strings.Join(all[:min(shownResults, len(all))], "\n  - ")
	if more := len(all) - shownResults; more > 0 {
		text += fmt.Sprintf("\n  - and %d more", more)
	}
	return text
}

// ReadResults reads what Velero's server has noted: it lies in the store, which
// the server gives an address for.
func ReadResults(ctx context.Context, cluster *kube.Cluster, namespace string, kind velero.DownloadTargetKind, name string) Results {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), downloadTime)
	defer cancel()
	address, err := downloadURL(ctx, cluster, namespace, kind, name)
	if err != nil {
		return Results{Unread: err}
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return Results{Unread: err}
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return Results{Unread: withoutQuery(err, address)}
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return Results{Unread: fmt.Errorf("the store answers %s", response.Status)}
	}
	return parseResults(response.Body)
}

// withoutQuery leaves out of an error the address's query, which is as good as
// a password for a while.
func withoutQuery(err error, address string) error {
	_, query, _ := strings.Cut(address, "?")
	return fmt.Errorf("%s", strings.ReplaceAll(err.Error(), "?"+query, ""))
}

// downloadURL asks Velero's server for the address of a file.
func downloadURL(ctx context.Context, cluster *kube.Cluster, namespace string, kind velero.DownloadTargetKind, name string) (string, error) {
	request := &kube.Object{Object: map[string]any{
		"apiVersion": DownloadRequests.APIVersion(), "kind": DownloadRequests.Name,
		"spec": map[string]any{"target": map[string]any{"kind": string(kind), "name": name}},
	}}
	request.SetNamespace(namespace)
	request.SetName("sls-" + rand.String(10))
	follow, err := cluster.Follow(ctx, DownloadRequests, namespace, request.GetName())
	if err != nil {
		return "", err
	}
	defer follow.Close()
	live, err := cluster.Apply(ctx, DownloadRequests, request, kube.ApplyOptions{Manager: "sls-results"})
	if err != nil {
		return "", err
	}
	defer func() { _ = cluster.Delete(ctx, DownloadRequests, namespace, live.GetName(), live.GetUID()) }() // Velero removes what is left
	address := ""
	_, err = follow.Await(ctx, live, func(object *kube.Object) (bool, time.Duration, error) {
		if object == nil {
			return false, 0, fmt.Errorf("the request for it was deleted")
		}
		of, err := Decode[velero.DownloadRequest](object)
		if err != nil {
			return false, 0, err
		}
		address = of.Status.DownloadURL
		return address != "", 0, nil
	})
	return address, err
}

// parseResults reads the file that Velero keeps them in.
func parseResults(file io.Reader) Results {
	unzipped, err := gzip.NewReader(file)
	if err != nil {
		return Results{Unread: err}
	}
	var noted map[string]struct {
		Velero     []string            `json:"velero"`
		Cluster    []string            `json:"cluster"`
		Namespaces map[string][]string `json:"namespaces"`
	}
	if err := json.NewDecoder(io.LimitReader(unzipped, mostResults)).Decode(&noted); err != nil {
		return Results{Unread: err}
	}
	all := func(of string) []string {
		var found []string
		for _, text := range slices.Concat(noted[of].Velero, noted[of].Cluster) {
			found = append(found, strings.TrimSpace(text))
		}
		for _, namespace := range slices.Sorted(maps.Keys(noted[of].Namespaces)) {
			for _, text := range noted[of].Namespaces[namespace] {
				found = append(found, namespace+": "+strings.TrimSpace(text))
			}
		}
		return found
	}
	return Results{Errors: all("errors"), Warnings: all("warnings")}
}
