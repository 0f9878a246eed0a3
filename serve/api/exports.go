package api

import (
	"io"
	"net/url"
	"strings"

	"waymark/collect"
	"waymark/collect/extract"
	"waymark/lang"
	"waymark/serve/odata"
	"waymark/serve/route"
	"waymark/trust/access"
)

// Codes of words that exports carry; texts stand in lang/messages/api.*.toml.
const (
	textNotice = "api.notice"      // form
	textOwner  = "api.notice-keep" //
	textLeft   = "api.notice-left" //
)

func (s *server) exports() []route.Route {
	var all []route.Route
	for _, v := range []struct {
		base  string
		stage collect.Stage
	}{{"/projects/{project}/forms/{form}/submissions", collect.Published}, {"/projects/{project}/forms/{form}/draft/submissions", collect.Draft}} {
		add := func(method, suffix string, h handler) {
			all = append(all, large(s.staged(method, v.base+suffix, access.Export, v.stage, h)))
		}
		for _, method := range []string{"GET", "POST"} { // a program that would send passphrases posts
			add(method, ".csv", s.csv)
			add(method, ".csv.zip", s.zip)
		}
		add("GET", ".xlsx", s.xlsx)
		add("GET", ".parquet", s.parquet)
		add("GET", ".geojson", s.geojson)
	}
	return all
}

// extract makes ready what was asked for. groupPaths is true unless it is false, the others false unless true.
func (s *server) extract(c *call) (*extract.Extract, error) {
	q := c.r.URL.Query()
	o := extract.Options{Project: c.project, Form: c.form, Stage: c.stage, Where: q.Get("where"), Restricted: c.restricted(), Opening: c.opening(),
		SplitSelects: isTrue(q.Get("splitSelectMultiples")), ShortNames: isFalse(q, "groupPaths"), DeletedFields: isTrue(q.Get("deletedFields")),
		Missing: isTrue(q.Get("missing")), Media: !isFalse(q, "attachments"), Notice: notice(c)}
	keep, err := odata.RecordFilter(q.Get("$filter"))
	if err != nil {
		return nil, err
	}
	o.Keep = keep
	who := s.actors(c)
	o.Names = func(id string) (string, string) {
		a := actorOf(who, id)
		return itoa(a.ID), a.DisplayName
	}
	return extract.New(c.r.Context(), s.desk, c.by, o)
}

func isFalse(q url.Values, name string) bool { return q.Has(name) && !isTrue(q.Get(name)) }

// notice says in words that a file is not cleared, in both languages: whoever it is passed on to reads one.
func notice(c *call) []string {
	var out []string
	for _, tag := range lang.Tags() {
		p, err := lang.New(tag)
		if err != nil {
			continue
		}
		out = append(out, p.Text(textNotice, map[string]any{"form": c.form}), p.Text(textOwner, nil), p.Text(textLeft, nil), "")
	}
	return out
}

// export writes a file. Its headers stand before the first byte: what goes wrong later cuts it off.
func (s *server) export(c *call, mediaType, suffix string, write func(x *extract.Extract, w io.Writer) error) error {
	x, err := s.extract(c)
	if err != nil {
		return err
	}
	if !strings.Contains(c.r.URL.RawQuery, "now(") {
		q := collect.Query{Project: c.project, Form: c.form, Table: c.r.URL.RawQuery, Drafts: bool(c.stage), Restricted: c.restricted(), Opening: c.opening()}
		if fresh, err := odata.Fresh(c.w, c.r, s.desk, c.by, q); err != nil || fresh {
			return err
		}
	}
	c.attachment(mediaType, x.Name()+suffix)
	h := c.w.Header()
	h.Set("X-Waymark-Clearance", "not cleared")
	return write(x, c.w)
}

func (s *server) csv(c *call) error {
	return s.export(c, "text/csv; charset=utf-8", ".csv", func(x *extract.Extract, w io.Writer) error {
		return x.CSV(c.r.Context(), w, c.r.URL.Query().Get("table"))
	})
}

func (s *server) zip(c *call) error {
	suffix := ".zip"
	if isFalse(c.r.URL.Query(), "attachments") {
		suffix = ".csv.zip"
	}
	return s.export(c, "application/zip", suffix, func(x *extract.Extract, w io.Writer) error { return x.Zip(c.r.Context(), w) })
}

func (s *server) xlsx(c *call) error {
	return s.export(c, typeXLSX, ".xlsx", func(x *extract.Extract, w io.Writer) error { return x.XLSX(c.r.Context(), w) })
}

func (s *server) parquet(c *call) error {
	return s.export(c, "application/vnd.apache.parquet", ".parquet", func(x *extract.Extract, w io.Writer) error {
		return x.Parquet(c.r.Context(), w, c.r.URL.Query().Get("table"))
	})
}

func (s *server) geojson(c *call) error {
	return s.export(c, "application/geo+json", ".geojson", func(x *extract.Extract, w io.Writer) error {
		return x.GeoJSON(c.r.Context(), w, c.r.URL.Query().Get("table"), c.r.URL.Query().Get("field"))
	})
}
