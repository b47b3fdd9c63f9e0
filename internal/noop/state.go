package noop

import (
	"bytes"
	"encoding/json"
	"fmt"
)

// fitsState reports whether a state, as Terraform keeps it, can go back to it as
// it is: Terraform decodes it by the same schema, fills in what it lacks, and
// refuses what the schema has not.
func (n *node) fitsState(state []byte) bool {
	d := json.NewDecoder(bytes.NewReader(state))
	d.UseNumber()
	return n.fits(d) == nil && !d.More()
}

func (n *node) fits(d *json.Decoder) error {
	token, err := d.Token()
	if err != nil || token == nil { // an error, or null
		return err
	}
	ok := false
	switch token := token.(type) {
	case string:
		ok = n.kind == textKind
	case bool:
		ok = n.kind == boolKind
	case json.Number:
		ok = n.kind == intKind || n.kind == floatKind
	case json.Delim:
		switch {
		case token == '{' && (n.kind == objectKind || n.kind == mapKind):
			return n.fitEntries(d)
		case token == '[' && (n.kind == listKind || n.kind == setKind):
			return n.fitElements(d)
		}
	}
	if !ok {
		return fmt.Errorf("%w: %v", errOther, token)
	}
	return nil
}

func (n *node) fitEntries(d *json.Decoder) error {
	for d.More() {
		token, err := d.Token()
		if err != nil {
			return err
		}
		of := n.element
		if n.kind == objectKind {
			name, _ := token.(string)
			if of = n.attributes[name]; of == nil {
				return fmt.Errorf("%w: there is no attribute %s", errOther, name)
			}
		}
		if err := of.fits(d); err != nil {
			return err
		}
	}
	_, err := d.Token()
	return err
}

func (n *node) fitElements(d *json.Decoder) error {
	for d.More() {
		if err := n.element.fits(d); err != nil {
			return err
		}
	}
	_, err := d.Token()
	return err
}
