package report

import (
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"maps"
	"regexp"
	"slices"
	"strings"

	"waymark/fault"
)

// Agree compares the numbers of a report's pages, by language tag, part by part: every number that stands in
// one stands in the other, with as many decimals, whatever its marks and its place in the sentence. File
// names, versions and hashes (Plain) are not numbers, and drawings are left out: their numbers come from the same
// cells, but which of them have room for a label depends on the words. What differs is a soft issue, for whoever wrote the texts.
func Agree(document string, pages map[string][]byte) fault.Issues {
	var issues fault.Issues
	tags := slices.Sorted(maps.Keys(pages))
	if len(tags) < 2 {
		return nil
	}
	first := numbers(pages[tags[0]], tags[0])
	for _, tag := range tags[1:] {
		other := numbers(pages[tag], tag)
		for _, part := range slices.Sorted(maps.Keys(merged(first, other))) {
			here, there := differ(first[part], other[part]), differ(other[part], first[part])
			if len(here)+len(there) == 0 {
				continue
			}
			issues = append(issues, fault.Issue{Code: CodeNumbersDiffer, Severity: fault.Soft,
				Place: fault.Place{Document: document, Field: part},
				Args:  map[string]any{"first": tags[0], "second": tag, "where": part, "only_first": here, "only_second": there}})
		}
	}
	return issues
}

// numbers lists the numbers that a reader sees, by the id of the part they stand in, as plain decimals.
func numbers(html []byte, tag string) map[string][]string {
	out := map[string][]string{}
	d := xml.NewDecoder(bytes.NewReader(html))
	d.Strict, d.AutoClose, d.Entity = false, xml.HTMLAutoClose, xml.HTMLEntity
	parts := []string{"top"}
	var words strings.Builder
	flush := func() {
		for _, found := range written[tag == "fr"].FindAllString(words.String(), -1) {
			at := parts[len(parts)-1]
			out[at] = append(out[at], normal(found, tag == "fr"))
		}
		words.Reset()
	}
	for {
		tok, err := d.RawToken()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			out["unreadable"] = append(out["unreadable"], tag)
			break
		}
		switch tok := tok.(type) {
		case xml.CharData:
			words.Write(tok)
		case xml.StartElement:
			if name := tok.Name.Local; name == "section" || name == "footer" || name == "figure" {
				flush()
				parts = append(parts, attribute(tok, "id"))
			} else if name == "style" || name == "svg" || attribute(tok, "translate") == "no" {
				flush()
				if err := skip(d); err != nil {
					out["unreadable"] = append(out["unreadable"], tag)
				}
			} else if !inline[name] {
				words.WriteByte('\n')
			}
		case xml.EndElement:
			if name := tok.Name.Local; name == "section" || name == "footer" || name == "figure" {
				flush()
				parts = parts[:max(len(parts)-1, 1)]
			} else if !inline[name] {
				words.WriteByte('\n')
			}
		}
	}
	flush()
	return out
}

// skip passes what stands inside the element that was just opened.
func skip(d *xml.Decoder) error {
	for depth := 1; depth > 0; {
		tok, err := d.RawToken()
		if err != nil {
			return err
		}
		switch tok.(type) {
		case xml.StartElement:
			depth++
		case xml.EndElement:
			depth--
		}
	}
	return nil
}

// written finds numbers as each language writes them (true: French).
var written = map[bool]*regexp.Regexp{
	false: regexp.MustCompile(`[-−]?\d+(?:,\d{3})*(?:\.\d+)?`),
	true:  regexp.MustCompile("[-−]?\\d+(?:[\u202f\u00a0]\\d{3})*(?:,\\d+)?"),
}

// normal writes a number plainly: 139312.5.
func normal(s string, french bool) string {
	if french {
		s = strings.NewReplacer("\u202f", "", "\u00a0", "", ",", ".").Replace(s)
	} else {
		s = strings.ReplaceAll(s, ",", "")
	}
	return strings.Replace(s, "−", "-", 1)
}

// inline are the elements that do not part words.
var inline = set("span a abbr strong em sup sub")

func attribute(e xml.StartElement, name string) string {
	for _, a := range e.Attr {
		if a.Name.Local == name {
			return a.Value
		}
	}
	return ""
}

// differ lists what stands in a more often than in b.
func differ(a, b []string) []string {
	left := map[string]int{}
	for _, s := range b {
		left[s]++
	}
	var out []string
	for _, s := range a {
		if left[s]--; left[s] < 0 {
			out = append(out, s)
		}
	}
	return out
}

func merged(a, b map[string][]string) map[string]bool {
	out := map[string]bool{}
	for _, m := range []map[string][]string{a, b} {
		for part := range m {
			out[part] = true
		}
	}
	return out
}
