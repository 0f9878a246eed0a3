package odata

import (
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"waymark/collect"
	"waymark/fault"
	"waymark/serve/problem"
	"waymark/serve/route"
	"waymark/trust/access"
)

// list answers the addresses of an entity list's service.
func (s *service) list(w http.ResponseWriter, r *http.Request, by access.Actor) error {
	a, err := parseAsked(r)
	if err != nil {
		return err
	}
	a.project, _ = strconv.ParseInt(r.PathValue("project"), 10, 64)
	lists, err := s.desk.EntityLists(r.Context(), by, a.project)
	if err != nil {
		return err
	}
	at := slices.IndexFunc(lists, func(l collect.EntityList) bool { return l.Name == r.PathValue("list") })
	if at < 0 {
		return problem.New("404.1", codeNoList, fault.NotFound)
	}
	a.service = servicePath(r)
	switch r.PathValue("rest") {
	case "":
		return writeService(w, route.Base(r)+a.service, []*shape{{name: "Entities"}})
	case "$metadata":
		return writeEntityMetadata(w, lists[at])
	case "Entities":
		return s.entities(w, r, by, a, lists[at])
	}
	return problem.New("404.1", codeNoTable, fault.NotFound)
}

var entitySystem = []struct{ name, kind string }{
	{"createdAt", "Edm.DateTimeOffset"}, {"creatorId", "Edm.String"}, {"creatorName", "Edm.String"}, {"updates", "Edm.Int64"},
	{"updatedAt", "Edm.DateTimeOffset"}, {"deletedAt", "Edm.DateTimeOffset"}, {"version", "Edm.Int64"}, {"conflict", "Edm.String"},
}

func writeEntityMetadata(w http.ResponseWriter, l collect.EntityList) error {
	e := &edmx{}
	e.begin()
	e.schema(namespaceEntity)
	e.open("ComplexType", "Name", "metadata")
	for _, p := range entitySystem {
		e.leaf("Property", "Name", p.name, "Type", p.kind)
	}
	e.shut("ComplexType")
	e.shut("Schema")
	base := namespaceRoot + Identifier(l.Name)
	e.schema(base)
	e.open("EntityType", "Name", "Entities")
	e.open("Key")
	e.leaf("PropertyRef", "Name", "__id")
	e.shut("Key")
	e.leaf("Property", "Name", "__id", "Type", "Edm.String")
	e.leaf("Property", "Name", "__system", "Type", namespaceEntity+".metadata")
	e.leaf("Property", "Name", "label", "Type", "Edm.String")
	for _, p := range l.Properties {
		e.leaf("Property", "Name", Identifier(p), "Type", "Edm.String")
	}
	e.shut("EntityType")
	e.open("EntityContainer", "Name", Identifier(l.Name))
	e.open("EntitySet", "Name", "Entities", "EntityType", base+".Entities")
	e.capabilities(false)
	e.shut("EntitySet")
	e.shut("EntityContainer")
	e.shut("Schema")
	e.end()
	return writeXML(w, e)
}

// entities answers with the entries of a list. A list is what phones carry whole, so it is read whole.
func (s *service) entities(w http.ResponseWriter, r *http.Request, by access.Actor, a asked, l collect.EntityList) error {
	all, err := s.desk.Entities(r.Context(), by, a.project, l.Name, false)
	if err != nil {
		return err
	}
	if strings.Contains(a.filter, "deletedAt") { // who names it means those in the bin too
		deleted, err := s.desk.Entities(r.Context(), by, a.project, l.Name, true)
		if err != nil {
			return err
		}
		all = append(all, deleted...)
	}
	from := 0
	if a.token != "" {
		p, err := parseToken(a.token)
		if err != nil {
			return err
		}
		from = min(p.Row, len(all))
	}
	keep, err := s.entityFilter(a, l)
	if err != nil {
		return err
	}
	keepName := map[string]bool{}
	for name := range strings.SplitSeq(a.selects, ",") {
		if name = strings.TrimSpace(name); name != "" && name != "*" {
			keepName[name] = true
		}
	}
	wants := func(name string) bool { return len(keepName) == 0 || keepName[name] }
	b := []byte(`{"value":[`)
	total, written, next := 0, 0, -1
	for k := range all {
		if !keep(&all[k]) {
			continue
		}
		if total++; k < from || total <= a.skip {
			continue
		}
		if written == a.top {
			if next < 0 && written > 0 {
				next = k
			}
			continue
		}
		if written > 0 {
			b = append(b, ',')
		}
		b = appendEntity(b, &all[k], l, wants)
		written++
	}
	b = append(b, `],"@odata.context":`...)
	b = appendText(b, route.Base(r)+a.service+"/$metadata#Entities")
	if next >= 0 {
		f := &feed{base: route.Base(r), address: r.URL}
		b = append(b, `,"@odata.nextLink":`...)
		b = appendText(b, f.next(place{Row: next}))
	}
	if a.count {
		b = append(b, `,"@odata.count":`...)
		b = strconv.AppendInt(b, int64(total), 10)
	}
	w.Header().Set("OData-Version", "4.0")
	w.Header().Set("Content-Type", "application/json; odata.metadata=minimal; charset=utf-8")
	_, err = w.Write(append(b, '}'))
	return err
}

func appendEntity(b []byte, e *collect.Entity, l collect.EntityList, wants func(string) bool) []byte {
	b = append(b, '{')
	if wants("__id") {
		b = append(b, `"__id":`...)
		b = append(appendText(b, e.ID), ',')
	}
	if wants("label") {
		b = append(b, `"label":`...)
		b = append(appendText(b, e.Label), ',')
	}
	if wants("__system") {
		b = append(b, `"__system":{"createdAt":`...)
		b = appendTime(b, e.Created)
		b = append(b, `,"creatorId":null,"creatorName":null,"updates":`...)
		b = strconv.AppendInt(b, int64(e.Version-1), 10)
		b = append(b, `,"updatedAt":`...)
		b = appendTime(b, updated(e.Created, e.Updated))
		b = append(b, `,"deletedAt":`...)
		if e.Deleted {
			b = appendTime(b, e.Updated)
		} else {
			b = append(b, "null"...)
		}
		b = append(b, `,"version":`...)
		b = strconv.AppendInt(b, int64(e.Version), 10)
		b = append(b, `,"conflict":`...)
		if e.Conflict == "" {
			b = append(b, "null"...)
		} else {
			b = appendText(b, e.Conflict)
		}
		b = append(b, `},`...)
	}
	for _, p := range l.Properties {
		if !wants(p) && !wants(Identifier(p)) {
			continue
		}
		b = appendText(b, Identifier(p))
		b = append(b, ':')
		if v, ok := e.Data[p]; ok {
			b = appendText(b, v)
		} else {
			b = append(b, "null"...)
		}
		b = append(b, ',')
	}
	return closed(b)
}

// updated is when something was changed after it was made; zero: never.
func updated(made, changed time.Time) time.Time {
	if changed.After(made) {
		return changed
	}
	return time.Time{}
}

// entityFilter makes a test of entities of $filter. It reads an entity as a row with one cell.
func (s *service) entityFilter(a asked, l collect.EntityList) (func(*collect.Entity) bool, error) {
	if a.filter == "" {
		return func(*collect.Entity) bool { return true }, nil
	}
	e, err := parseFilter(a.filter)
	if err != nil {
		return nil, err
	}
	var at *collect.Entity
	text := func(s string) value {
		if s == "" {
			return value{}
		}
		return value{kind: textValue, text: s}
	}
	moment := func(t time.Time) value {
		if t.IsZero() {
			return value{}
		}
		return value{kind: timeValue, time: t}
	}
	find := func(member string, _ int) (getter, error) {
		get := map[string]func() value{
			"__id":                 func() value { return text(at.ID) },
			"label":                func() value { return text(at.Label) },
			"__system/createdAt":   func() value { return moment(at.Created) },
			"__system/updatedAt":   func() value { return moment(updated(at.Created, at.Updated)) },
			"__system/conflict":    func() value { return text(at.Conflict) },
			"__system/version":     func() value { return value{kind: numberValue, number: float64(at.Version)} },
			"__system/updates":     func() value { return value{kind: numberValue, number: float64(at.Version - 1)} },
			"__system/creatorId":   func() value { return value{} },
			"__system/creatorName": func() value { return value{} },
			"__system/deletedAt": func() value {
				if at.Deleted {
					return moment(at.Updated)
				}
				return value{}
			},
		}[member]
		if get == nil {
			k := slices.IndexFunc(l.Properties, func(p string) bool { return Identifier(p) == member || p == member })
			if k < 0 {
				return nil, problem.New("501.5", codeFilterField, fault.Invalid, "field", member)
			}
			get = func() value { return text(at.Data[l.Properties[k]]) }
		}
		return func(*collect.Row) value { return get() }, nil
	}
	test, err := e.bind(find, s.now())
	if err != nil {
		return nil, err
	}
	return func(e *collect.Entity) bool {
		at = e
		return test(nil) == yes
	}, nil
}
