package domain

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/types"
	networking "istio.io/api/networking/v1"
	"k8s.io/apimachinery/pkg/api/equality"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/sls-platform/terraform-provider-sls/internal/istio/routing"
	"github.com/sls-platform/terraform-provider-sls/internal/kube"
	"github.com/sls-platform/terraform-provider-sls/internal/lifecycle"
)

// read reads an object, for a refresh (cluster.Read) or past every cache
// (cluster.Find); nil is one that does not exist.
type read func(ctx context.Context, kind kube.Kind, namespace, name string) (*kube.Object, error)

// observed is what the cluster has of a domain.
type observed struct {
	root  *kube.Object
	spec  *networking.VirtualService // nil if Istio's type lacks one of its fields
	alien error                      // which field that is
	rules *Rules                     // what all of it stands for

	drift       []string
	dns         string
	dnsMessage  string
	certificate string // how it stands; empty if that can't be told
	issuing     string // what a certificate of cert-manager still lacks
}

// observe reads what belongs to the domain of a VirtualService. m is what was
// applied or, on import, what is known: where the domain is.
func observe(ctx context.Context, read read, root *kube.Object, at place, m *Model) (*observed, error) {
	o := &observed{root: root}
	var diags diag.Diagnostics
	prior := decode(ctx, m, &diags)
	if diags.HasError() {
		return nil, fmt.Errorf("%s: %s", diags[0].Summary(), diags[0].Detail())
	}
	importing := m.Host.IsNull()
	if o.spec, o.alien = routing.Decode(root); o.alien != nil {
		o.spec, o.rules, o.drift = nil, prior, []string{o.alien.Error()}
	} else {
		o.rules = prior
		if importing || !routing.Equal(o.spec, expandRoot(prior, at)) {
			o.rules = parseRoot(o.spec, at, prior)
		}
	}
	if err := o.observeTLS(ctx, read, at, importing); err != nil {
		return nil, err
	}
	if o.spec != nil {
		o.drift = append(o.drift, differences(o.spec, expandRoot(o.rules, at))...)
	}
	if err := o.observeService(ctx, read, at); err != nil {
		return nil, err
	}
	o.observeLabels(at)
	return o, o.observeAddress(ctx, read, at)
}

// observeService compares the Service that makes the host resolve.
func (o *observed) observeService(ctx context.Context, read read, at place) error {
	want := (&desired{place: at, rules: o.rules}).service()
	if want == nil {
		return nil
	}
	live, err := read(ctx, services, want.GetNamespace(), want.GetName())
	if err != nil {
		return err
	}
	o.compare(live, want, []string{"spec", "type"}, []string{"spec", "externalName"})
	return nil
}

// compare tells where an object that belongs to the domain is not as wanted.
func (o *observed) compare(live, want *kube.Object, paths ...[]string) {
	what := fmt.Sprintf("the %s %s/%s", want.GetKind(), want.GetNamespace(), want.GetName())
	if live == nil {
		o.drift = append(o.drift, what+" is missing")
		return
	}
	for _, path := range paths {
		is, _, _ := unstructured.NestedFieldNoCopy(live.Object, path...)
		should, _, _ := unstructured.NestedFieldNoCopy(want.Object, path...)
		if !equality.Semantic.DeepEqual(is, should) {
			o.drift = append(o.drift, fmt.Sprintf("%s, %s: it is %s, and should be %s", what, strings.Join(path, "."), shown(is), shown(should)))
		}
	}
}

// observeLabels tells of labels by which sls_revision_traffic finds the domains
// of an application.
func (o *observed) observeLabels(at place) {
	live := o.root.GetLabels()
	labels := routing.RootLabels(applications(o.rules, at)...)
	// In one order, always: a list that is told in another would be a change.
	for _, key := range slices.Sorted(maps.Keys(labels)) {
		if value := labels[key]; live[key] != value {
			o.drift = append(o.drift, fmt.Sprintf("the VirtualService's label %s: it is %q, and should be %q", key, live[key], value))
		}
	}
}

// flatten returns the model of what is on the cluster.
func flatten(ctx context.Context, prior *Model, o *observed, diags *diag.Diagnostics) *Model {
	m := *prior
	importing := prior.Host.IsNull()
	encode(ctx, o.rules, &m, diags)
	m.Name, m.Namespace = types.StringValue(o.root.GetName()), types.StringValue(o.root.GetNamespace())
	flattenMetadata(&m, o.root, importing)
	if importing {
		setDefaults(&m)
	}
	flattenStatus(ctx, &m, o, diags)
	return &m
}

func flattenMetadata(m *Model, root *kube.Object, importing bool) {
	labels, annotations := root.GetLabels(), root.GetAnnotations()
	if importing {
		labels = lifecycle.WithoutPrefixes(labels, group+"/")
		annotations = lifecycle.WithoutPrefixes(annotations, group+"/", "kubectl.kubernetes.io/last-applied-configuration")
	}
	m.Labels = lifecycle.Subset(m.Labels, labels, importing)
	m.Annotations = lifecycle.Subset(m.Annotations, annotations, importing)
	if importing {
		m.EffectiveLabels, m.EffectiveAnnotations = lifecycle.EmptyIfNull(m.Labels), lifecycle.EmptyIfNull(m.Annotations)
		return
	}
	m.EffectiveLabels = lifecycle.Subset(m.EffectiveLabels, labels, false)
	m.EffectiveAnnotations = lifecycle.Subset(m.EffectiveAnnotations, annotations, false)
}

// flattenStatus sets what is computed.
func flattenStatus(ctx context.Context, m *Model, o *observed, diags *diag.Diagnostics) {
	m.URL = types.StringValue(url(o.rules))
	m.DNSTarget, m.DNSMessage = types.StringValue(o.dns), lifecycle.NullIfEmpty(o.dnsMessage)
	m.CertificateStatus = lifecycle.NullIfEmpty(o.certificate)
	message := o.problem()
	m.Ready, m.StatusMessage = types.BoolValue(message == ""), lifecycle.NullIfEmpty(message)
	drift, problems := types.ListValueFrom(ctx, types.StringType, append([]string{}, o.drift...))
	diags.Append(problems...)
	m.Drift = drift
}

// problem says why the domain is not ready; it is empty when it is.
func (o *observed) problem() string {
	if o.issuing != "" {
		return o.issuing
	}
	if message := analysis(o.root); message != "" {
		return message
	}
	return ""
}

// analysis returns the first error that Istio's own analysis has found, where
// that is switched on: it is not by default, and Istio then reports nothing.
func analysis(root *kube.Object) string {
	messages, _, _ := unstructured.NestedSlice(root.Object, "status", "validationMessages")
	for _, message := range messages {
		fields, _ := message.(map[string]any)
		if level, _ := fields["level"].(string); level != "ERROR" {
			continue
		}
		kind, _ := fields["type"].(map[string]any)
		return fmt.Sprintf("Istio's analysis finds an error: %v %v, see %v", kind["code"], kind["name"], fields["documentationUrl"])
	}
	return ""
}

// url returns where the domain answers.
func url(r *Rules) string {
	scheme := "http"
	if r.TLS != nil || r.HTTPSRedirect {
		scheme = "https"
	}
	return scheme + "://" + r.Host
}
