// Pictures draws the pictures of docs/: pictures FROM TO makes an SVG in the folder TO of each .d2 in the folder FROM.
package main

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"oss.terrastruct.com/d2/d2graph"
	"oss.terrastruct.com/d2/d2layouts/d2dagrelayout"
	"oss.terrastruct.com/d2/d2lib"
	"oss.terrastruct.com/d2/d2renderers/d2svg"
	"oss.terrastruct.com/d2/d2target"
	"oss.terrastruct.com/d2/d2themes/d2themescatalog"
	"oss.terrastruct.com/d2/lib/log"
	"oss.terrastruct.com/d2/lib/textmeasure"
)

func main() {
	if err := run(os.Args[1], os.Args[2]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(from, to string) error {
	sources, err := filepath.Glob(filepath.Join(from, "*.d2"))
	if err != nil || len(sources) == 0 {
		return fmt.Errorf("there is no .d2 in %s: %w", from, err)
	}
	for _, source := range sources {
		text, err := os.ReadFile(source)
		if err != nil {
			return err
		}
		picture, err := draw(string(text))
		if err != nil {
			return fmt.Errorf("%s: %w", source, err)
		}
		name := strings.TrimSuffix(filepath.Base(source), ".d2") + ".svg"
		if err := os.WriteFile(filepath.Join(to, name), picture, 0o644); err != nil {
			return err
		}
	}
	return nil
}

// ours is the class of what this provider writes.
const ours = "ours"

// The colours are those of .github/flow.svg, in light and in dark. N1 and N2 are texts, B1 lines, B3 to B6 areas, the
// outer ones first; AB4 and AB5 line and area of what is ours.
var (
	light = colours("#1f2328", "#59636e", "#8c959f", "#ffffff", "#f6f8fa", "#0969da", "#ddf4ff")
	dark  = colours("#e6edf3", "#9198a1", "#6e7681", "#0d1117", "#161b22", "#58a6ff", "#0c2d4a")
)

func colours(text, note, line, outer, inner, ourLine, ourArea string) *d2target.ThemeOverrides {
	return &d2target.ThemeOverrides{
		N1: &text, N2: &note, B1: &line, B2: &line, B3: &outer, B4: &outer, B5: &inner, B6: &inner,
		N5: &inner, N7: &inner, N4: &inner, N6: &inner, AA4: &inner, AA5: &inner, AB4: &ourLine, AB5: &ourArea,
	}
}

func draw(text string) ([]byte, error) {
	ruler, err := textmeasure.NewRuler()
	if err != nil {
		return nil, err
	}
	padding, yes := int64(4), true
	options := &d2svg.RenderOpts{
		Pad: &padding, NoXMLTag: &yes, OmitVersion: &yes,
		ThemeID: &d2themescatalog.NeutralDefault.ID, ThemeOverrides: light,
		DarkThemeID: &d2themescatalog.DarkMauve.ID, DarkThemeOverrides: dark,
	}
	ctx := log.With(context.Background(), slog.New(slog.NewTextHandler(io.Discard, nil)))
	diagram, _, err := d2lib.Compile(ctx, text, &d2lib.CompileOptions{
		Ruler: ruler,
		LayoutResolver: func(string) (d2graph.LayoutGraph, error) {
			return func(ctx context.Context, graph *d2graph.Graph) error {
				return d2dagrelayout.Layout(ctx, graph, &d2dagrelayout.ConfigurableOpts{NodeSep: 22, EdgeSep: 20})
			}, nil
		},
	}, options)
	if err != nil {
		return nil, err
	}
	diagram.Root.Fill = "transparent"
	for i := range diagram.Shapes {
		shape := &diagram.Shapes[i]
		shape.BorderRadius = 8
		switch {
		case slices.Contains(shape.Classes, ours):
			shape.Fill, shape.Stroke = "AB5", "AB4"
		case shape.Fill != "transparent":
			shape.Fill, shape.Stroke = "B6", "B1"
		}
	}
	picture, err := d2svg.Render(diagram, options)
	if err != nil {
		return nil, err
	}
	return slim(picture), nil
}

var (
	fonts  = regexp.MustCompile(`@font-face \{[^}]*\}`)
	family = regexp.MustCompile(`font-family: "d2-[^"]*"`)
	rule   = regexp.MustCompile(`\s*\.(?:d2-\d+ \.)?([\w-]+)(?: text\.text)?\{[^}]*\}`)
)

// slim takes out what is most of a picture: the fonts, in place of which the reader's own will do, and the rules of
// classes that nothing in it has.
func slim(picture []byte) []byte {
	picture = fonts.ReplaceAll(picture, nil)
	picture = family.ReplaceAll(picture, []byte("font-family: system-ui, sans-serif"))
	drawn := picture
	picture = rule.ReplaceAllFunc(picture, func(found []byte) []byte {
		class := rule.FindSubmatch(found)[1]
		if regexp.MustCompile(`class="[^"]*\b` + string(class) + `\b`).Match(drawn) {
			return found
		}
		return nil
	})
	return append(picture, '\n')
}
