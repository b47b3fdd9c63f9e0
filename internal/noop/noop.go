// Package noop answers Terraform for resources that nothing changes of, without
// the plugin framework.
//
// A plan asks a provider four things of each resource that there is: to upgrade
// its state, to read it, to validate its configuration, and to plan its change.
// The framework decodes, walks and encodes every attribute of the schema several
// times for each of them, set or not, and an application has five hundred: that
// was nine tenths of what a plan of a thousand applications cost. Mostly the
// answer is what was sent. Server finds that out with the resource's own code, on
// values that it decodes by itself, and hands the bytes back; whenever it can't be
// sure, and for everything else, the framework is asked as if there was no Server.
//
// Nothing is remembered for that, neither in the state nor elsewhere: the resource
// looks at the cluster as ever, so that no drift can be hidden and no update of the
// provider is missed.
package noop

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/resource"
)

// Resource is implemented by resources that can tell that nothing changes. model
// and config are what NewModel returns, filled in: all of what they hold is known.
type Resource interface {
	resource.ResourceWithConfigure

	// NewModel returns a pointer to the struct that State.Get and Plan.Get decode
	// into.
	NewModel() any
	// ReadsSame reports whether Read would leave a state, and what is kept beside
	// it, as they are, and the resource's identity. It may be mistaken in one
	// direction only: false costs time.
	ReadsSame(ctx context.Context, state any, private Private) (same bool, identity Identity)
	// PlansSame reports whether a plan in which all attributes are as in the state
	// stays so, without a word to the user. It may be mistaken in one direction
	// only.
	PlansSame(ctx context.Context, config, state any, private Private) bool
	// Accepts reports whether ValidateConfig has nothing to say of a configuration.
	// Again, it may be mistaken in one direction only.
	Accepts(ctx context.Context, config any) bool
}

// Identity is what tells an object from every other. Its fields are the
// attributes of lifecycle.Identity.
type Identity struct {
	ClusterID string
	Namespace string
	Name      string
}

// Private is what is kept beside a state.
type Private map[string][]byte

// GetKey is that of the framework's private state.
func (p Private) GetKey(_ context.Context, key string) ([]byte, diag.Diagnostics) { return p[key], nil }
