package config

import (
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework-timeouts/resource/timeouts"
	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

// Model is the shape of sls_platform_config in HCL. What a ConfigMap holds is an
// attr.Value made from the tables of its keys: see section.
type Model struct {
	Namespace types.String `tfsdk:"namespace"`

	Domain        types.Map    `tfsdk:"domain"`
	Network       types.Object `tfsdk:"network"`
	Features      types.Object `tfsdk:"features"`
	Autoscaler    types.Object `tfsdk:"autoscaler"`
	GC            types.Object `tfsdk:"gc"`
	Deployment    types.Object `tfsdk:"deployment"`
	Defaults      types.Object `tfsdk:"defaults"`
	Observability types.Object `tfsdk:"observability"`

	Adopt          types.Bool     `tfsdk:"adopt"`
	ForceConflicts types.Bool     `tfsdk:"force_conflicts"`
	Timeouts       timeouts.Value `tfsdk:"timeouts"`
}

// object returns where the model keeps the attribute of a ConfigMap with typed
// keys.
func (m *Model) object(s *section) *types.Object {
	switch s {
	case networkSection:
		return &m.Network
	case featuresSection:
		return &m.Features
	case autoscalerSection:
		return &m.Autoscaler
	case gcSection:
		return &m.GC
	case deploymentSection:
		return &m.Deployment
	case defaultsSection:
		return &m.Defaults
	case observabilitySection:
		return &m.Observability
	}
	panic(fmt.Sprintf("the model lacks %s", s.attribute))
}

// value returns the attribute of a ConfigMap.
func (m *Model) value(s *section) attr.Value {
	if s == domainSection {
		return m.Domain
	}
	return *m.object(s)
}

// setValue sets it.
func (m *Model) setValue(s *section, value attr.Value) {
	if domains, ok := value.(types.Map); ok {
		m.Domain = domains
		return
	}
	*m.object(s), _ = value.(types.Object)
}

// none reports whether the model knows no more than where the ConfigMaps are, as
// after an import.
func (m *Model) none() bool {
	return m.ForceConflicts.IsNull()
}

// expand returns the keys that the model stands for, by ConfigMap.
func (m *Model) expand() map[*section]map[string]string {
	wanted := map[*section]map[string]string{}
	for _, s := range sections {
		wanted[s] = s.content.expand(m.value(s))
	}
	return wanted
}
