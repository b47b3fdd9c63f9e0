package kube

import (
	"context"
	"slices"
)

// ApplyOver is Apply over an object as it was found, or nil for none. Fields that
// others have set to other values are a *ConflictError that names them, unless
// the manager owns nothing of the object yet and all of them are predecessors:
// then it is an object that was imported or adopted, and is taken over.
func (c *Cluster) ApplyOver(ctx context.Context, kind Kind, object, live *Object, options ApplyOptions) (*Object, error) {
	applied, err := c.Apply(ctx, kind, object, options)
	if live == nil {
		return applied, err
	}
	refused := Conflicts(err, live, object, options.Manager)
	if len(refused) == 0 {
		return applied, err
	}
	if Owned(live, options.Manager) == nil {
		refused = slices.DeleteFunc(refused, func(c Conflict) bool { return FromPredecessors(c.Managers, options.Predecessors...) })
	}
	if len(refused) > 0 {
		return nil, &ConflictError{Object: kind.Name + " " + object.GetNamespace() + "/" + object.GetName(), Conflicts: refused}
	}
	object.SetResourceVersion(live.GetResourceVersion()) // whose owners were looked at
	options.Force = true
	return c.Apply(ctx, kind, object, options)
}
