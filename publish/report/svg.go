package report

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"regexp"
	"strings"
)

// checkDrawing says whether a drawing may stand inside a page: one svg element with a title, well formed, no
// script or event handler, no style (the page's policy would not apply it), no foreign content, and no
// reference but to its own parts, no id that another drawing of the page has. It returns what is wrong in a
// word or two, for the people who draw, and adds the drawing's ids to taken.
func checkDrawing(body []byte, taken map[string]bool) error {
	d := xml.NewDecoder(bytes.NewReader(body))
	d.Strict = true
	depth, roots, titled := 0, 0, false
	for {
		tok, err := d.Token()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return errors.New("not well formed")
		}
		switch tok := tok.(type) {
		case xml.StartElement:
			if depth == 0 {
				roots++
				if tok.Name.Local != "svg" {
					return fmt.Errorf("begins with %s", tok.Name.Local)
				}
			}
			depth++
			if !drawn[tok.Name.Local] {
				return fmt.Errorf("element %s", tok.Name.Local)
			}
			titled = titled || depth == 2 && tok.Name.Local == "title"
			if err := checkAttributes(tok.Attr, taken); err != nil {
				return err
			}
		case xml.EndElement:
			depth--
		case xml.Directive, xml.ProcInst:
			return errors.New("a directive")
		}
	}
	switch {
	case roots != 1:
		return errors.New("not one svg element")
	case !titled:
		return errors.New("no title")
	}
	return nil
}

func checkAttributes(attrs []xml.Attr, taken map[string]bool) error {
	for _, a := range attrs {
		name := strings.ToLower(a.Name.Local)
		switch {
		case name == "xmlns" || a.Name.Space == "xmlns":
		case strings.HasPrefix(name, "on"), name == "style", name == "src":
			return fmt.Errorf("attribute %s", name)
		case name == "href" && !strings.HasPrefix(a.Value, "#"):
			return errors.New("an outside reference")
		case outside.MatchString(a.Value):
			return errors.New("an outside reference")
		case name == "id" && taken[a.Value]:
			return errors.New("an id of another drawing")
		case name == "id":
			taken[a.Value] = true
		}
	}
	return nil
}

// outside finds a url() that is not of the drawing itself, and script addresses.
var outside = regexp.MustCompile(`(?i)url\(\s*['"]?\s*[^#'"\s]|javascript:|data:`)

// drawn are the elements a drawing may hold.
var drawn = set(`svg title desc defs g path rect circle ellipse line polyline polygon text tspan textPath
	use symbol marker clipPath mask pattern linearGradient radialGradient stop a`)

func set(words string) map[string]bool {
	out := map[string]bool{}
	for _, w := range strings.Fields(words) {
		out[w] = true
	}
	return out
}
