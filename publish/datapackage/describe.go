package datapackage

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"waymark/lang"
	"waymark/release"
)

// The profiles of the standard that the description keeps to.
const (
	profilePackage  = "https://datapackage.org/profiles/2.0/datapackage.json"
	profileResource = "https://datapackage.org/profiles/2.0/dataresource.json"
	profileDialect  = "https://datapackage.org/profiles/2.0/tabledialect.json"
	profileSchema   = "https://datapackage.org/profiles/2.0/tableschema.json"
)

// The standard's titles and descriptions are plain strings, here in the first language. Words in every
// language stand beside them under titles, descriptions and labels, by BCP 47 tag.
type jsonPackage struct {
	Schema       string            `json:"$schema"`
	Name         string            `json:"name"`
	Languages    []string          `json:"languages"`
	Title        string            `json:"title,omitempty"`
	Titles       words             `json:"titles,omitempty"`
	Description  string            `json:"description,omitempty"`
	Descriptions words             `json:"descriptions,omitempty"`
	Homepage     string            `json:"homepage,omitempty"`
	Version      string            `json:"version,omitempty"`
	Created      string            `json:"created,omitempty"`
	Keywords     []string          `json:"keywords,omitempty"`
	Licences     []Licence         `json:"licenses,omitempty"`
	Sources      []Source          `json:"sources,omitempty"`
	Contributors []Contributor     `json:"contributors,omitempty"`
	Caveats      []jsonCaveat      `json:"caveats"`
	Disclosure   jsonDisclosure    `json:"disclosureControl"`
	Facts        map[string]string `json:"reproduction,omitempty"`
	Resources    []jsonResource    `json:"resources"`
}

type words map[string]string

type jsonCaveat struct {
	Code         string `json:"code"`
	Description  string `json:"description"`
	Descriptions words  `json:"descriptions"`
}

type jsonDisclosure struct {
	MinPeople    int    `json:"minimumPeople"`
	Description  string `json:"description"`
	Descriptions words  `json:"descriptions"`
}

type jsonResource struct {
	Schema       string       `json:"$schema"`
	Name         string       `json:"name"`
	Type         string       `json:"type,omitempty"`
	Path         string       `json:"path"`
	Title        string       `json:"title,omitempty"`
	Titles       words        `json:"titles,omitempty"`
	Description  string       `json:"description,omitempty"`
	Descriptions words        `json:"descriptions,omitempty"`
	Format       string       `json:"format"`
	MediaType    string       `json:"mediatype"`
	Encoding     string       `json:"encoding,omitempty"`
	Bytes        int          `json:"bytes"`
	Hash         string       `json:"hash"`
	Sources      []Source     `json:"sources,omitempty"`
	Caveats      []string     `json:"caveats,omitempty"`
	Dialect      *jsonDialect `json:"dialect,omitempty"`
	Table        *jsonSchema  `json:"schema,omitempty"`
}

type jsonDialect struct {
	Schema    string `json:"$schema"`
	Header    bool   `json:"header"`
	Delimiter string `json:"delimiter"`
}

type jsonSchema struct {
	Schema        string      `json:"$schema"`
	Fields        []jsonField `json:"fields"`
	MissingValues []string    `json:"missingValues"`
}

type jsonField struct {
	Name         string           `json:"name"`
	Type         string           `json:"type"`
	Title        string           `json:"title,omitempty"`
	Labels       words            `json:"labels,omitempty"`
	Description  string           `json:"description,omitempty"`
	Descriptions words            `json:"descriptions,omitempty"`
	Unit         string           `json:"unit,omitempty"`
	Constraints  *jsonConstraints `json:"constraints,omitempty"`
	Categories   []jsonCategory   `json:"categories,omitempty"`
}

type jsonConstraints struct {
	Required bool     `json:"required,omitempty"`
	Minimum  *float64 `json:"minimum,omitempty"`
	Maximum  *float64 `json:"maximum,omitempty"`
}

type jsonCategory struct {
	Value  string `json:"value"`
	Label  string `json:"label,omitempty"`
	Labels words  `json:"labels,omitempty"`
}

// description writes datapackage.json over the files made so far.
func (b *builder) description(files []File) ([]byte, error) {
	threshold := map[string]any{"count": b.threshold()}
	p := jsonPackage{Schema: profilePackage, Name: b.Name, Languages: b.tags(), Homepage: b.Homepage, Version: b.Version, Created: b.Created,
		Keywords: b.Keywords, Licences: b.Licences, Sources: b.Sources, Contributors: b.Contributors, Facts: b.Facts, Caveats: []jsonCaveat{},
		Titles: clean(b.Title), Title: b.first(b.Title), Descriptions: clean(b.Description), Description: b.first(b.Description)}
	p.Disclosure = jsonDisclosure{b.threshold(), b.say("suppressed-note", threshold)[b.tags()[0]], b.say("suppressed-note", threshold)}
	for _, code := range b.caveats() {
		all := words{}
		for _, printer := range b.printers {
			all[printer.Tag()], _ = caveatWords(printer, code)
		}
		p.Caveats = append(p.Caveats, jsonCaveat{code, all[b.tags()[0]], all})
	}
	for i, f := range files {
		r := jsonResource{Schema: profileResource, Path: f.Path, Bytes: len(f.Content), Hash: hash(f.Content)}
		if i < len(b.shapes) {
			b.describeTable(&r, b.shapes[i])
		} else {
			r.Name, r.Format, r.MediaType = b.Name+"-workbook", "xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
			r.Titles = b.say("workbook", nil)
			r.Title = r.Titles[b.tags()[0]]
		}
		p.Resources = append(p.Resources, r)
	}
	var out bytes.Buffer
	e := json.NewEncoder(&out)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	if err := e.Encode(p); err != nil {
		return nil, fmt.Errorf("describe data package: %w", err)
	}
	return out.Bytes(), nil
}

func hash(content []byte) string {
	sum := sha256.Sum256(content)
	return "sha256:" + hex.EncodeToString(sum[:])
}

func (b *builder) describeTable(r *jsonResource, s *shape) {
	c := s.cleared
	r.Name, r.Type, r.Format, r.MediaType, r.Encoding = c.Key(), "table", "csv", "text/csv", "utf-8"
	r.Titles, r.Title = clean(c.Title()), b.first(c.Title())
	r.Caveats = c.Caveats()
	r.Descriptions = b.each(func(p *lang.Printer) string {
		var parts []string
		if u := p.Label(c.Unit()); u != "" {
			parts = append(parts, sentence(p.Text("datapackage.unit", map[string]any{"words": u})))
		}
		if src := p.Label(c.Source()); src != "" {
			parts = append(parts, sentence(p.Text("datapackage.source", map[string]any{"words": src})))
		}
		for _, code := range c.Caveats() {
			w, _ := caveatWords(p, code)
			parts = append(parts, w)
		}
		return strings.Join(parts, " ")
	})
	r.Description = r.Descriptions[b.tags()[0]]
	if src := b.first(c.Source()); src != "" {
		r.Sources = []Source{{Title: src}}
	}
	r.Dialect = &jsonDialect{Schema: profileDialect, Header: true, Delimiter: ","}
	r.Table = &jsonSchema{Schema: profileSchema, MissingValues: []string{""}}
	for _, col := range s.columns {
		r.Table.Fields = append(r.Table.Fields, b.field(s, col))
	}
}

// sentence ends words with a full stop where they end with none.
func sentence(s string) string { return strings.TrimRight(s, ".") + "." }

// field describes a column.
func (b *builder) field(s *shape, c shaped) jsonField {
	f := jsonField{Name: c.name, Type: "string", Labels: clean(s.labels(c))}
	switch c.part {
	case headCode:
		f.Categories = b.categories(s, c)
	case headWords:
		f.Descriptions = b.say("words-in", map[string]any{"language": c.tag})
	case value, low, high:
		f.Type, f.Constraints = b.numeric(s, c)
		if c.measure.Form == release.Count {
			f.Unit = b.first(s.cleared.Unit())
		}
		f.Descriptions = b.say(map[part]string{value: "form-" + c.measure.Form.String(), low: "low", high: "high"}[c.part], nil)
	case state:
		f.Constraints = &jsonConstraints{Required: true}
		f.Descriptions = b.say("state", nil)
		for _, l := range s.levels(c) {
			words := b.say("state-"+l.Code, nil)
			f.Categories = append(f.Categories, jsonCategory{Value: l.Code, Label: words[b.tags()[0]], Labels: words})
		}
	case note:
		f.Descriptions = b.say("note", nil)
		f.Categories = b.notes(s, c)
	case total:
		f.Type = "boolean"
		f.Descriptions = b.say("total", nil)
	case caveats:
		f.Descriptions = b.say("caveats", nil)
	}
	f.Title = b.first(release.Labels(f.Labels))
	f.Description = f.Descriptions[b.tags()[0]]
	return f
}

// numeric gives a measure's type and bounds. A count may be weighted, and then is not whole.
func (b *builder) numeric(s *shape, c shaped) (string, *jsonConstraints) {
	zero, one := 0.0, 1.0
	switch c.measure.Form {
	case release.Count:
		for _, r := range s.rows {
			if x := number(c, r.Cells[c.index]); x != float64(int64(x)) && x == x {
				return "number", nil
			}
		}
		return "integer", nil
	case release.Share, release.Probability:
		return "number", &jsonConstraints{Minimum: &zero, Maximum: &one}
	case release.Ratio:
		return "number", &jsonConstraints{Minimum: &zero}
	}
	return "number", nil
}

func (b *builder) categories(s *shape, c shaped) []jsonCategory {
	var out []jsonCategory
	for _, l := range s.levels(c) {
		out = append(out, jsonCategory{Value: l.Code, Label: b.first(release.Labels(l.Labels)), Labels: clean(l.Labels)})
	}
	return out
}

// notes lists the notes of a measure with the words that the report has for them.
func (b *builder) notes(s *shape, c shaped) []jsonCategory {
	var out []jsonCategory
	for _, r := range s.rows {
		code := r.Cells[c.index].Note
		if code == "" || slices.ContainsFunc(out, func(have jsonCategory) bool { return have.Value == code }) {
			continue
		}
		all := b.each(func(p *lang.Printer) string {
			if key := "report.note." + code; p.Has(key) {
				return p.Text(key, nil)
			}
			return ""
		})
		out = append(out, jsonCategory{Value: code, Label: all[b.tags()[0]], Labels: all})
	}
	return out
}

// say gives a text of this room in every language of the package.
func (b *builder) say(key string, args map[string]any) words {
	return b.each(func(p *lang.Printer) string { return p.Text("datapackage."+key, args) })
}

func (b *builder) each(write func(p *lang.Printer) string) words {
	out := words{}
	for _, p := range b.printers {
		if s := write(p); s != "" {
			out[p.Tag()] = s
		}
	}
	return out
}

// first gives words in the package's first language, or what there is.
func (b *builder) first(l release.Labels) string { return b.printers[0].Label(l) }

// clean leaves out languages without words.
func clean[L ~map[string]string](l L) words {
	out := words{}
	for tag, s := range l {
		if s != "" {
			out[tag] = s
		}
	}
	if len(out) == 0 {
		return nil
	}
	return out
}
