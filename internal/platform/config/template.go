package config

import (
	"fmt"
	"net/http"
	"reflect"
	"strings"
	"text/template"
	"text/template/parse"

	"github.com/hashicorp/terraform-plugin-framework/schema/validator"

	"github.com/sls-platform/terraform-provider-sls/internal/validate"
)

// templateOf accepts Go templates that use of their data only what there is.
//
// Knative executes a template once before it takes it, with data that has no
// annotations and no labels. So it does not see what is wrong in a branch that
// an annotation chooses, until the first service with that annotation gets no
// host. What Knative sees, its own parser tells.
func templateOf(what string, data any) validator.String {
	return validate.Text("a template of the "+what, func(text string) []string {
		parsed, err := template.New(what).Parse(text)
		if err != nil || parsed.Tree == nil {
			return nil // which Knative's parser tells
		}
		w := &templateWalk{data: reflect.TypeOf(data), all: parsed, called: map[call]bool{}}
		w.node(parsed.Root, w.data)
		return w.problems
	})
}

// requestLogValues are the data of observability.logging_request_log_template:
// knative.dev/serving/pkg/http.RequestLogTemplateInput, which comes with more
// than is worth it.
type requestLogValues struct {
	Request  *http.Request
	Response struct {
		Code    int
		Size    int
		Latency float64
	}
	Revision struct{ Name, Namespace, Service, Configuration, PodName, PodIP string }
	TraceID  string
}

// templateWalk looks at every branch of a template for fields that the data
// lacks.
type templateWalk struct {
	data     reflect.Type
	all      *template.Template
	called   map[call]bool // templates that were looked at: they may call one another in a circle
	problems []string
}

// call is one of a template by another, with dot of a type.
type call struct {
	name string
	dot  reflect.Type
}

// node looks at a node in which dot is of a type; nil is one that is not known.
func (w *templateWalk) node(node parse.Node, dot reflect.Type) {
	switch node := node.(type) {
	case *parse.ListNode:
		if node == nil {
			return // there is no else
		}
		for _, below := range node.Nodes {
			w.node(below, dot)
		}
	case *parse.ActionNode:
		w.node(node.Pipe, dot)
	case *parse.IfNode:
		w.branch(&node.BranchNode, dot, dot)
	case *parse.WithNode:
		w.branch(&node.BranchNode, dot, nil)
	case *parse.RangeNode:
		w.branch(&node.BranchNode, dot, nil)
	case *parse.TemplateNode:
		w.node(node.Pipe, dot)
		w.template(call{node.Name, passed(node.Pipe, dot)})
	case *parse.PipeNode:
		if node == nil {
			return
		}
		for _, command := range node.Cmds {
			for _, argument := range command.Args {
				w.node(argument, dot)
			}
		}
	case *parse.FieldNode:
		w.fields(node.String(), dot, node.Ident)
	case *parse.VariableNode:
		if node.Ident[0] == "$" {
			w.fields(node.String(), w.data, node.Ident[1:])
		}
	case *parse.ChainNode:
		w.node(node.Node, dot)
	}
}

// template looks at a template that another calls, in which $ is dot too.
func (w *templateWalk) template(c call) {
	called := w.all.Lookup(c.name)
	if called == nil || called.Tree == nil || w.called[c] {
		return // one that is missing Knative's parser tells
	}
	w.called[c] = true
	within := *w
	within.data = c.dot
	within.node(called.Root, c.dot)
	w.problems = within.problems
}

// passed is the type of what a template is called with; nil is one that is not
// known.
func passed(pipe *parse.PipeNode, dot reflect.Type) reflect.Type {
	if pipe == nil || len(pipe.Cmds) != 1 || len(pipe.Cmds[0].Args) != 1 {
		return nil
	}
	if _, whole := pipe.Cmds[0].Args[0].(*parse.DotNode); !whole {
		return nil
	}
	return dot
}

func (w *templateWalk) branch(b *parse.BranchNode, dot, within reflect.Type) {
	w.node(b.Pipe, dot)
	w.node(b.List, within)
	w.node(b.ElseList, dot)
}

// fields follows a chain of fields as far as their types are known.
func (w *templateWalk) fields(text string, of reflect.Type, names []string) {
	for _, name := range names {
		if of == nil {
			return
		}
		if _, ok := of.MethodByName(name); ok {
			return // whose result may be anything
		}
		if of.Kind() == reflect.Pointer {
			of = of.Elem()
		}
		if of.Kind() != reflect.Struct {
			return // of maps, any key
		}
		field, ok := of.FieldByName(name)
		if !ok {
			w.problems = append(w.problems, fmt.Sprintf("%s: there is no %s, only %s", text, name, strings.Join(fieldsOf(of), ", ")))
			return
		}
		of = field.Type
	}
}

func fieldsOf(of reflect.Type) []string {
	var names []string
	for i := range of.NumField() {
		names = append(names, of.Field(i).Name)
	}
	return names
}
