package component

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"strings"
	"sync"

	apierrors "k8s.io/apimachinery/pkg/api/errors"

	"github.com/sls-platform/terraform-provider-sls/internal/kube"
	"github.com/sls-platform/terraform-provider-sls/internal/platform/manifest"
)

// atOnce is how many requests are under way at a time.
const atOnce = 12

// parallel calls do for each of the items, several at a time, and returns all
// errors. After the first one it begins no more.
func parallel[T any](ctx context.Context, items []T, do func(context.Context, T) error) error {
	turns := make(chan struct{}, atOnce)
	var (
		wg       sync.WaitGroup
		mu       sync.Mutex
		failures []error
	)
	failed := func() bool {
		mu.Lock()
		defer mu.Unlock()
		return len(failures) > 0
	}
	for _, item := range items {
		turns <- struct{}{}
		if failed() || ctx.Err() != nil {
			<-turns
			break
		}
		wg.Go(func() {
			defer func() { <-turns }()
			if err := do(ctx, item); err != nil {
				mu.Lock()
				defer mu.Unlock()
				failures = append(failures, err)
			}
		})
	}
	wg.Wait()
	if len(failures) == 0 && ctx.Err() != nil {
		return context.Cause(ctx)
	}
	return errors.Join(failures...)
}

// place is where an object is to be found.
type place struct {
	manifest.ID
	kind kube.Kind
}

// look reads objects; those that are not there are left out. Where labelled is
// set most of them carry the component's label, and one list for each kind
// returns them.
func look(ctx context.Context, cluster *kube.Cluster, component string, places []place, labelled bool) (map[manifest.ID]*kube.Object, error) {
	found := map[manifest.ID]*kube.Object{}
	var mu sync.Mutex
	if labelled {
		var kinds []kube.Kind
		seen := map[kube.Kind]bool{}
		for _, p := range places {
			if !seen[p.kind] {
				seen[p.kind] = true
				kinds = append(kinds, p.kind)
			}
		}
		err := parallel(ctx, kinds, func(ctx context.Context, kind kube.Kind) error {
			list, err := cluster.List(ctx, kind, "", map[string]string{manifest.Label: component})
			if apierrors.IsForbidden(err) || kube.IsUnserved(err) {
				return nil // who may read single objects only, gets them one by one
			}
			mu.Lock()
			defer mu.Unlock()
			for i := range list {
				found[manifest.IDOf(&list[i])] = &list[i]
			}
			return err
		})
		if err != nil {
			return nil, err
		}
	}
	var rest []place
	for _, p := range places {
		if found[p.ID] == nil {
			rest = append(rest, p)
		}
	}
	err := parallel(ctx, rest, func(ctx context.Context, p place) error {
		object, err := cluster.Find(ctx, p.kind, p.Namespace, p.Name)
		if kube.IsUnserved(err) {
			return nil
		}
		if err != nil {
			return &objectError{p.ID, err}
		}
		if object != nil {
			mu.Lock()
			defer mu.Unlock()
			found[p.ID] = object
		}
		return nil
	})
	return found, err
}

func (i *inventory) places() []place {
	places := make([]place, 0, len(i.entries))
	for at := range i.entries {
		if e := &i.entries[at]; e.Resource != "" {
			places = append(places, place{e.ID, e.kind()})
		}
	}
	return places
}

func compareIDs(a, b manifest.ID) int {
	return cmp.Or(cmp.Compare(manifest.StageOf(a), manifest.StageOf(b)), strings.Compare(a.String(), b.String()))
}

func fieldsDigest(fields []byte) string {
	if fields == nil {
		return ""
	}
	sum := sha256.Sum256(fields)
	return hex.EncodeToString(sum[:8])
}
