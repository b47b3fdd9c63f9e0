package kube

import (
	"context"
	"sync"
)

// once remembers what was read one by one on behalf of one question.
type once struct {
	mu      sync.Mutex
	objects map[onceKey]*Object
}

type onceKey struct {
	readKey
	name string
}

type onceContext struct{}

// Once returns a context in which Read asks for an object one time only: for a
// refresh that looks at the same things twice.
func Once(ctx context.Context) context.Context {
	return context.WithValue(ctx, onceContext{}, &once{objects: map[onceKey]*Object{}})
}

// onceOf returns nil for a context that is not of Once.
func onceOf(ctx context.Context) *once {
	o, _ := ctx.Value(onceContext{}).(*once)
	return o
}

func (o *once) has(kind Kind, namespace, name string) (object *Object, read bool) {
	if o == nil {
		return nil, false
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	object, read = o.objects[onceKey{readKey{kind, namespace}, name}]
	return object, read
}

func (o *once) keep(kind Kind, namespace, name string, object *Object) {
	if o == nil {
		return
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	o.objects[onceKey{readKey{kind, namespace}, name}] = object
}
