package manifest

import (
	"bytes"
	"fmt"
	"strings"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/util/json"
	"sigs.k8s.io/yaml"
)

// parsed is an object and where it was read.
type parsed struct {
	object map[string]any
	at     string
}

// parse reads the objects of all files, in their order. What is no object of
// Kubernetes is an error: left out without a word, it would be missed on the
// cluster only.
func (c *Content) parse() ([]parsed, error) {
	var all []parsed
	for _, file := range c.Files {
		for _, document := range split(file.Data) {
			at := fmt.Sprintf("%s, the document at line %d", file.Name, document.line)
			value, err := decode(document.text)
			if err != nil {
				return nil, broken(at, fmt.Sprintf("It can't be parsed: %s", err))
			}
			if value == nil {
				continue // nothing but comments
			}
			if all, err = appendObjects(all, value, at); err != nil {
				return nil, err
			}
		}
	}
	if len(all) == 0 {
		return nil, broken("It", "There is no object in it")
	}
	return all, nil
}

func broken(at, what string) *Error {
	return &Error{
		Attribute: "source",
		Summary:   "The manifest is broken",
		Detail:    fmt.Sprintf("%s: %s.\n\nA manifest is YAML or JSON, an object of Kubernetes in each document. Nothing of it was applied.", at, strings.TrimRight(what, ".\n")),
	}
}

// document is one of a file's, and the line that it begins at.
type document struct {
	text []byte
	line int
}

// split splits a file at its separators. A separator is at the begin of a line,
// where a literal block, which is indented, can't have one.
func split(data []byte) []document {
	var documents []document
	line, begun := 1, 1
	var text []byte
	for chunk := range bytes.Lines(data) {
		if rest, ok := bytes.CutPrefix(chunk, []byte("---")); ok && (len(bytes.TrimSpace(rest)) == 0 || rest[0] == ' ') {
			documents = append(documents, document{text, begun})
			text, begun = nil, line+1
			if rest := bytes.TrimSpace(rest); len(rest) > 0 && rest[0] != '#' {
				text = append(append(text, rest...), '\n')
			}
		} else {
			text = append(text, chunk...)
		}
		line++
	}
	return append(documents, document{text, begun})
}

// decode returns a document's value: with whole numbers as integers, as an
// object of the API has them. A key that is there twice is an error, because
// which of the two counts is chance.
func decode(text []byte) (any, error) {
	encoded, err := yaml.YAMLToJSONStrict(text)
	if err != nil {
		return nil, err
	}
	var value any
	err = json.Unmarshal(encoded, &value)
	return value, err
}

// appendObjects appends an object, or those of a list.
func appendObjects(all []parsed, value any, at string) ([]parsed, error) {
	object, ok := value.(map[string]any)
	if !ok {
		return nil, broken(at, "It is no object")
	}
	u := unstructured.Unstructured{Object: object}
	if items, isList := object["items"].([]any); isList && strings.HasSuffix(u.GetKind(), "List") {
		var err error
		for i, item := range items {
			if all, err = appendObjects(all, item, fmt.Sprintf("%s, item %d", at, i+1)); err != nil {
				return nil, err
			}
		}
		return all, nil
	}
	var lacks []string
	if u.GetAPIVersion() == "" {
		lacks = append(lacks, "an apiVersion")
	}
	if u.GetKind() == "" {
		lacks = append(lacks, "a kind")
	}
	if u.GetName() == "" && u.GetGenerateName() == "" {
		lacks = append(lacks, "a metadata.name")
	}
	if len(lacks) > 0 {
		return nil, broken(at, "It lacks "+strings.Join(lacks, " and "))
	}
	return append(all, parsed{object, at}), nil
}
