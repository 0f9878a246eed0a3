package odata

import (
	"encoding/xml"
	"net/http"
	"strings"
)

// writeService answers with the service document: the entity sets that there are.
func writeService(w http.ResponseWriter, address string, all []*shape) error {
	b := append([]byte(`{"@odata.context":`), nil...)
	b = appendText(b, address+"/$metadata")
	b = append(b, `,"value":[`...)
	for i, s := range all {
		if i > 0 {
			b = append(b, ',')
		}
		b = append(b, `{"name":`...)
		b = appendText(b, s.name)
		b = append(b, `,"kind":"EntitySet","url":`...)
		b = appendText(b, s.name)
		b = append(b, '}')
	}
	w.Header().Set("OData-Version", "4.0")
	w.Header().Set("Content-Type", "application/json; odata.metadata=minimal; charset=utf-8")
	_, err := w.Write(append(b, `]}`...))
	return err
}

// namespaces of the metadata, as ODK Central has them: clients keep them in saved queries.
const (
	namespaceRoot   = "org.opendatakit.user."
	namespaceSystem = "org.opendatakit.submission"
	namespaceEntity = "org.opendatakit.entity"
)

// edmx writes a metadata document (OData Common Schema Definition Language XML 4.0).
type edmx struct{ strings.Builder }

func (e *edmx) open(name string, pairs ...string) { e.tag(name, ">", pairs) }
func (e *edmx) leaf(name string, pairs ...string) { e.tag(name, "/>", pairs) }
func (e *edmx) shut(name string)                  { e.WriteString("</" + name + ">\n") }

func (e *edmx) tag(name, end string, pairs []string) {
	e.WriteString("<" + name)
	for k := 0; k+1 < len(pairs); k += 2 {
		e.WriteString(" " + pairs[k] + `="`)
		xml.EscapeText(e, []byte(pairs[k+1]))
		e.WriteString(`"`)
	}
	e.WriteString(end + "\n")
}

func (e *edmx) begin() {
	e.WriteString(xml.Header)
	e.open("edmx:Edmx", "xmlns:edmx", "http://docs.oasis-open.org/odata/ns/edmx", "Version", "4.0")
	e.open("edmx:DataServices")
}

func (e *edmx) schema(namespace string) {
	e.open("Schema", "xmlns", "http://docs.oasis-open.org/odata/ns/edm", "Namespace", namespace)
}

func (e *edmx) end() {
	e.shut("edmx:DataServices")
	e.shut("edmx:Edmx")
}

func (e *edmx) enum(name string, members ...string) {
	e.open("EnumType", "Name", name)
	for _, m := range members {
		e.leaf("Member", "Name", m)
	}
	e.shut("EnumType")
}

// systemTypes are the types of __system, in the order of systemNames.
var systemTypes = []string{"Edm.DateTimeOffset", "Edm.DateTimeOffset", "Edm.String", "Edm.String", "Edm.Int64", "Edm.Int64",
	namespaceSystem + ".Status", namespaceSystem + ".ReviewState", "Edm.String", "Edm.Int64", "Edm.String", "Edm.DateTimeOffset"}

// writeMetadata answers with the types of a form's tables.
func writeMetadata(w http.ResponseWriter, form string, all []*shape) error {
	e := &edmx{}
	e.begin()
	e.schema(namespaceSystem)
	e.open("ComplexType", "Name", "metadata")
	for i, name := range systemNames {
		e.leaf("Property", "Name", name, "Type", systemTypes[i])
	}
	e.shut("ComplexType")
	e.enum("Status", "notDecrypted", "missingEncryptedFormData")
	e.enum("ReviewState", "hasIssues", "edited", "rejected", "approved")
	e.shut("Schema")

	base := namespaceRoot + Identifier(form)
	e.schema(base)
	var groups []group
	for _, s := range all {
		e.open("EntityType", "Name", s.name)
		e.open("Key")
		e.leaf("PropertyRef", "Name", "__id")
		e.shut("Key")
		e.leaf("Property", "Name", "__id", "Type", "Edm.String")
		if s.first {
			e.leaf("Property", "Name", "__system", "Type", namespaceSystem+".metadata")
		} else {
			e.leaf("Property", "Name", s.parent, "Type", "Edm.String")
		}
		groups = append(groups, e.properties(base, identifiers(s.table.Path), s.root)...)
		e.shut("EntityType")
	}
	for len(groups) > 0 {
		g := groups[0]
		groups = groups[1:]
		e.open("ComplexType", "Name", g.name)
		groups = append(groups, e.properties(base, g.path, g.branch)...)
		e.shut("ComplexType")
	}
	e.open("EntityContainer", "Name", Identifier(form))
	for _, s := range all {
		e.open("EntitySet", "Name", s.name, "EntityType", base+"."+s.name)
		e.capabilities(!s.first)
		e.shut("EntitySet")
	}
	e.shut("EntityContainer")
	e.shut("Schema")
	e.end()
	return writeXML(w, e)
}

func writeXML(w http.ResponseWriter, e *edmx) error {
	w.Header().Set("OData-Version", "4.0")
	w.Header().Set("Content-Type", "application/xml; charset=utf-8")
	_, err := w.Write([]byte(e.String()))
	return err
}

// group is a group of questions that gets a type of its own.
type group struct {
	name   string
	path   []string
	branch *branch
}

// properties writes the members of a table or group, and gives the groups among them.
func (e *edmx) properties(base string, path []string, of *branch) []group {
	var inner []group
	for _, c := range of.children {
		below := append(append([]string{}, path...), c.name)
		name := strings.Join(below, ".")
		switch {
		case c.repeat != nil:
			e.leaf("NavigationProperty", "Name", c.name, "Type", "Collection("+base+"."+c.repeat.name+")")
		case c.field >= 0, c.field == instanceID:
			e.leaf("Property", "Name", c.name, "Type", c.format.edm())
		default:
			e.leaf("Property", "Name", c.name, "Type", base+"."+name)
			inner = append(inner, group{name, below, c})
		}
	}
	return inner
}

// capabilities tells clients what they may ask for.
func (e *edmx) capabilities(repeat bool) {
	const term = "Org.OData.Capabilities.V1."
	e.leaf("Annotation", "Term", term+"ConformanceLevel", "EnumMember", term+"ConformanceLevelType/Minimal")
	e.leaf("Annotation", "Term", term+"BatchSupported", "Bool", "false")
	for _, r := range []struct{ term, property, yes string }{
		{"CountRestrictions", "Countable", "true"}, {"FilterRestrictions", "Filterable", "true"},
		{"SortRestrictions", "Sortable", "true"}, {"ExpandRestrictions", "Expandable", "true"},
	} {
		e.open("Annotation", "Term", term+r.term)
		e.open("Record")
		e.leaf("PropertyValue", "Property", r.property, "Bool", r.yes)
		e.shut("Record")
		e.shut("Annotation")
	}
}
