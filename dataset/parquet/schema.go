package parquet

import (
	"encoding/json"
	"fmt"

	"github.com/parquet-go/parquet-go"

	"waymark/dataset"
)

// metadataKey is where the fields stand in the file's key-value metadata.
const metadataKey = "waymark"

// metadata is the JSON under metadataKey. Version 1 is the first.
type metadata struct {
	Version int            `json:"version"`
	Table   string         `json:"table,omitempty"`
	Columns []columnRecord `json:"columns"`
}

type columnRecord struct {
	Name   string            `json:"name"`
	Kind   string            `json:"kind"`
	Labels map[string]string `json:"labels,omitempty"`
	HXL    string            `json:"hxl,omitempty"`
	Class  string            `json:"class,omitempty"`
	Levels []levelRecord     `json:"levels,omitempty"`
}

type levelRecord struct {
	Code   string            `json:"code"`
	Labels map[string]string `json:"labels,omitempty"`
}

func encodeMetadata(name string, fields []dataset.Field) (string, error) {
	m := metadata{Version: 1, Table: name}
	for _, f := range fields {
		r := columnRecord{Name: f.Name, Kind: f.Kind.String(), Labels: f.Labels, HXL: f.HXL, Class: f.Class.String()}
		for _, l := range f.Levels {
			r.Levels = append(r.Levels, levelRecord{Code: l.Code, Labels: l.Labels})
		}
		m.Columns = append(m.Columns, r)
	}
	b, err := json.Marshal(m)
	if err != nil {
		return "", fmt.Errorf("describe table %s: %w", name, err)
	}
	return string(b), nil
}

// decodeMetadata gives the fields by name; what cannot be read counts as not there.
func decodeMetadata(s string) (string, map[string]dataset.Field) {
	var m metadata
	if json.Unmarshal([]byte(s), &m) != nil || m.Version != 1 {
		return "", nil
	}
	out := map[string]dataset.Field{}
	for _, r := range m.Columns {
		kind, ok := dataset.ParseKind(r.Kind)
		if !ok {
			continue
		}
		class, _ := dataset.ParseSensitivity(r.Class)
		f := dataset.Field{Name: r.Name, Kind: kind, Labels: r.Labels, HXL: r.HXL, Class: class}
		seen := map[string]bool{}
		for _, l := range r.Levels {
			if l.Code != "" && !seen[l.Code] && kind == dataset.Category {
				seen[l.Code] = true
				f.Levels = append(f.Levels, dataset.Level{Code: l.Code, Labels: l.Labels})
			}
		}
		out[r.Name] = f
	}
	return m.Table, out
}

// ordered is a group whose columns stand as listed, where parquet.Group sorts them by name.
type ordered struct {
	parquet.Group
	fields []parquet.Field
}

func (o ordered) Fields() []parquet.Field { return o.fields }

func newOrdered(names []string, nodes map[string]parquet.Node) ordered {
	o := ordered{Group: parquet.Group(nodes)}
	byName := map[string]parquet.Field{}
	for _, f := range o.Group.Fields() {
		byName[f.Name()] = f
	}
	for _, n := range names {
		o.fields = append(o.fields, byName[n])
	}
	return o
}

func nodeOf(k dataset.Kind) parquet.Node {
	switch k {
	case dataset.Number:
		return parquet.Optional(parquet.Encoded(parquet.Leaf(parquet.DoubleType), &parquet.RLEDictionary))
	case dataset.Date:
		return parquet.Optional(parquet.Encoded(parquet.Date(), &parquet.RLEDictionary))
	case dataset.Text:
		return parquet.Optional(parquet.Encoded(parquet.String(), &parquet.Plain))
	}
	return parquet.Optional(parquet.Encoded(parquet.String(), &parquet.RLEDictionary))
}
