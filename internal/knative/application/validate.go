package application

import (
	"context"
	"maps"
	"reflect"
	"slices"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"knative.dev/pkg/apis"
	"knative.dev/serving/pkg/apis/autoscaling"
	"knative.dev/serving/pkg/apis/config"
	servingv1 "knative.dev/serving/pkg/apis/serving/v1"
	"knative.dev/serving/pkg/autoscaler/config/autoscalerconfig"

	"github.com/sls-platform/terraform-provider-sls/internal/lifecycle"
)

// ValidateConfig refuses at plan what Knative's webhook would refuse at apply,
// as far as it does not depend on the cluster's configuration.
func (r *Resource) ValidateConfig(ctx context.Context, req resource.ValidateConfigRequest, resp *resource.ValidateConfigResponse) {
	known, err := knownPart(req.Config)
	if err != nil {
		resp.Diagnostics.AddError("Can't read the configuration", err.Error())
		return
	}
	var configured Model
	resp.Diagnostics.Append(known.Get(ctx, &configured)...)
	if resp.Diagnostics.HasError() {
		return
	}
	m := decode(ctx, &configured, &resp.Diagnostics)
	if resp.Diagnostics.HasError() {
		return
	}
	diags := append(validateModel(m), validateByKnative(ctx, m)...)
	if diags.HasError() {
		diags = notSaidBetter(diags, refusedAttributes(ctx, req.Config.Raw))
	}
	resp.Diagnostics.Append(diags...)
}

// notSaidBetter leaves out what is said of an attribute that its own validator
// refuses already: that says what is wrong with the value by itself, and Knative
// does not know what it is called here.
func notSaidBetter(all diag.Diagnostics, refused []string) (diags diag.Diagnostics) {
	for _, d := range all {
		at := ""
		if located, ok := d.(diag.DiagnosticWithPath); ok {
			at = located.Path().String()
		}
		if !slices.ContainsFunc(refused, func(place string) bool { return within(place, at) || within(at, place) }) {
			diags.Append(d)
		}
	}
	return diags
}

// within reports whether a place, such as volumes["logs"].mount_path, is another
// one or in it; all are in the empty one.
func within(place, other string) bool {
	rest, ok := strings.CutPrefix(place, other)
	return ok && (other == "" || rest == "" || rest[0] == '.' || rest[0] == '[')
}

// together are attributes that refer to one another: of one that is not known
// yet, the others can't be judged.
var together = []string{"volumes", "volume_mounts", "sidecars", "init_containers"}

// knownPart returns a configuration without the attributes that are not known
// yet, or not in all their parts. What every application has gets a stand-in.
func knownPart(from tfsdk.Config) (tfsdk.Config, error) {
	var values map[string]tftypes.Value
	if err := from.Raw.As(&values); err != nil {
		return from, err
	}
	values = maps.Clone(values) // As hands out the configuration's own
	unknown := func(name string) bool { return !values[name].IsFullyKnown() }
	drop := slices.ContainsFunc(together, unknown)
	for name, value := range values {
		switch {
		case name == "image" && unknown(name), name == "name" && unknown(name):
			values[name] = tftypes.NewValue(tftypes.String, "unknown")
		case unknown(name), drop && slices.Contains(together, name):
			values[name] = tftypes.NewValue(value.Type(), nil)
		}
	}
	from.Raw = tftypes.NewValue(from.Raw.Type(), values)
	return from, nil
}

// validateModel returns what is wrong with a model, and Knative does not see.
func validateModel(m *nested) (diags diag.Diagnostics) {
	validateEnvironment(&m.template.Container, path.Empty(), &diags)
	for name, sidecar := range m.template.Sidecars {
		validateEnvironment(&sidecar.Container, path.Root("sidecars").AtMapKey(name), &diags)
	}
	for i := range m.template.InitContainers {
		validateEnvironment(&m.template.InitContainers[i].Container, path.Root("init_containers").AtListIndex(i), &diags)
	}
	validateStartup(m.template.StartupProbe, &diags)
	validateNames(m.template, &diags)
	validateReadOnly(m.template, &diags)
	validatePod(m.template, &diags)
	return diags
}

// validateEnvironment refuses a variable that is set twice: the API takes the
// last one without a word.
func validateEnvironment(container *Container, at path.Path, diags *diag.Diagnostics) {
	setBy := map[string]string{}
	see := func(attribute, name string) {
		if before, twice := setBy[name]; twice {
			diags.AddAttributeError(at.AtName(attribute).AtMapKey(name), "The variable is set twice",
				name+" is set by "+before+" already.")
		}
		setBy[name] = attribute
	}
	for name := range container.Env {
		see("env", name)
	}
	for name := range container.SecretEnv {
		see("secret_env", name)
	}
	for name := range container.ConfigEnv {
		see("config_env", name)
	}
	for name := range container.FieldEnv {
		see("field_env", name)
	}
}

// validateStartup refuses a startup probe without a port. Knative fills the port
// of the other probes in, not of this one, and then fails to make the pods.
func validateStartup(probe *Probe, diags *diag.Diagnostics) {
	if probe == nil {
		return
	}
	refuse := func(how string) {
		diags.AddAttributeError(path.Root("startup_probe").AtName(how).AtName("port"), "A startup probe needs its port",
			"Knative fills in the application's port for the other probes, but not for this one. Set it to the number of the attribute port, or to 8080 without one.")
	}
	if probe.HTTPGet != nil && probe.HTTPGet.Port.IsNull() {
		refuse("http_get")
	}
	if probe.TCPSocket != nil && probe.TCPSocket.Port.IsNull() {
		refuse("tcp_socket")
	}
	if probe.GRPC != nil && probe.GRPC.Port.IsNull() {
		refuse("grpc")
	}
}

// validateNames refuses containers of one name. Knative lets two init containers
// through, and nobody learns before the pods fail to be made.
func validateNames(t *Template, diags *diag.Diagnostics) {
	taken := map[string]string{}
	for name := range t.Sidecars {
		taken[name] = "a sidecar"
	}
	if name := t.ContainerName.ValueString(); name != "" {
		if by := taken[name]; by != "" {
			diags.AddAttributeError(path.Root("container_name"), "Two containers have one name", name+" is "+by+" too.")
		}
		taken[name] = "the application's container"
	}
	for i := range t.InitContainers {
		name := t.InitContainers[i].Name.ValueString()
		if by := taken[name]; by != "" {
			diags.AddAttributeError(path.Root("init_containers").AtListIndex(i).AtName("name"), "Two containers have one name", name+" is "+by+" too.")
		}
		taken[name] = "an init container"
	}
}

// validateReadOnly refuses to call a mount writable that Knative makes
// read-only: it would do so without a word.
func validateReadOnly(t *Template, diags *diag.Diagnostics) {
	refuse := func(volume string, at path.Path) {
		v, ok := t.Volumes[volume]
		if ok && v.EmptyDir == nil && v.PersistentVolumeClaim == nil {
			diags.AddAttributeError(at, "The volume can't be written to",
				"Knative mounts volumes of this kind for reading only; an empty_dir or a persistent_volume_claim can be written to.")
		}
	}
	for name, v := range t.Volumes {
		if !v.ReadOnly.IsNull() && !v.ReadOnly.ValueBool() {
			refuse(name, path.Root("volumes").AtMapKey(name).AtName("read_only"))
		}
	}
	mounts := func(c *Container, at path.Path) {
		for where, mount := range c.VolumeMounts {
			if !mount.ReadOnly.IsNull() && !mount.ReadOnly.ValueBool() {
				refuse(mount.Volume.ValueString(), at.AtName("volume_mounts").AtMapKey(where).AtName("read_only"))
			}
		}
	}
	mounts(&t.Container, path.Empty())
	for name, sidecar := range t.Sidecars {
		mounts(&sidecar.Container, path.Root("sidecars").AtMapKey(name))
	}
	for i := range t.InitContainers {
		mounts(&t.InitContainers[i].Container, path.Root("init_containers").AtListIndex(i))
	}
}

// validateByKnative asks Knative's own validation, so that both judge alike.
func validateByKnative(ctx context.Context, m *nested) (diags diag.Diagnostics) {
	template, err := typedTemplate(m)
	if err != nil {
		diags.AddError("Can't expand the application", err.Error())
		return diags
	}
	m.EffectiveAnnotations = m.Annotations
	annotations, err := expandAnnotations(m)
	if err != nil {
		diags.AddAttributeError(path.Root("rollout_duration"), "Can't expand the application", err.Error())
		return diags
	}
	service := &servingv1.Service{ObjectMeta: metav1.ObjectMeta{Name: m.Name.ValueString(), Labels: lifecycle.Strings(m.Labels), Annotations: annotations}}
	service.Spec.Template = *template
	for key, value := range expandScaling(m.scaling) {
		set(&service.Spec.Template.Annotations, key, value)
	}
	fields := fieldMap{m.template, &service.Spec.Template.Spec.PodSpec}
	ofInit := initContainerProblems(ctx, service)
	for _, problem := range problemsOf(ctx, service) {
		var at []path.Path
		for _, field := range problem.Paths {
			if ofInit[problem.Error()] {
				field = strings.Replace(field, ".containers[", ".initContainers[", 1)
			}
			if attribute, ok := fields.attribute(field); ok {
				at = append(at, attribute)
			}
		}
		if len(at) == 0 {
			diags.AddError("Knative does not accept this application", problem.Error())
			continue
		}
		diags.AddAttributeError(common(at), "Knative does not accept this", problem.Error())
	}
	return diags
}

// common returns what paths have in common: a problem with several attributes is
// one of what they are in.
func common(paths []path.Path) path.Path {
	at := paths[0]
	for _, other := range paths[1:] {
		for !strings.HasPrefix(other.String(), at.String()) && len(at.Steps()) > 1 {
			at = at.ParentPath()
		}
	}
	return at
}

// problemsOf returns Knative's errors; its warnings come with the write.
func problemsOf(ctx context.Context, service *servingv1.Service) []*apis.FieldError {
	service = service.DeepCopy()
	ctx = apis.WithinCreate(knativeContext(ctx))
	service.SetDefaults(ctx)
	return service.Validate(ctx).Filter(apis.ErrorLevel).WrappedErrors()
}

// initContainerProblems returns those problems that are of init containers:
// Knative says "containers" of them too.
func initContainerProblems(ctx context.Context, service *servingv1.Service) map[string]bool {
	if len(service.Spec.Template.Spec.InitContainers) == 0 {
		return nil
	}
	of := map[string]bool{}
	for _, problem := range problemsOf(ctx, service) {
		of[problem.Error()] = true
	}
	without := service.DeepCopy()
	without.Spec.Template.Spec.InitContainers = nil
	for _, problem := range problemsOf(ctx, without) {
		delete(of, problem.Error())
	}
	return of
}

// knativeContext lets Knative judge as on a platform that allows everything that
// is the platform's to allow.
func knativeContext(ctx context.Context) context.Context {
	features := &config.Features{}
	for flags, i := reflect.ValueOf(features).Elem(), 0; i < flags.NumField(); i++ {
		flags.Field(i).Set(reflect.ValueOf(config.Enabled))
	}
	features.SecurePodDefaults = config.Disabled // no permission, but a default
	defaults, err := config.NewDefaultsConfigFromMap(map[string]string{
		"max-revision-timeout-seconds": "2147483647", "container-concurrency-max-limit": "2147483647",
	})
	if err != nil {
		defaults = nil // Knative's own
	}
	return config.ToContext(ctx, &config.Config{
		Features:   features,
		Defaults:   defaults,
		Autoscaler: &autoscalerconfig.Config{PodAutoscalerClass: autoscaling.KPA, AllowZeroInitialScale: true},
	})
}

// allKnown reports whether the attributes, and all within them, are known.
func allKnown(plan tfsdk.Plan, attributes ...string) bool {
	var values map[string]tftypes.Value
	if err := plan.Raw.As(&values); err != nil {
		return false
	}
	return !slices.ContainsFunc(attributes, func(name string) bool { return !values[name].IsFullyKnown() })
}
