package main

import (
	"fmt"
	"math/rand/v2"
	"strconv"
	"strings"
)

// questionnaire is a form and how a record of it is filled in. The people do not exist.
type questionnaire struct {
	id     string
	xml    string
	record func(n int) []byte // the n-th record, always the same
}

// field is one question: its name, its XForms type and how it is answered.
type field struct {
	name, kind string
	choices    int
}

// long is the form of the first measurement: 250 questions, a third text, the rest numbers, choices and dates.
func long() questionnaire {
	var fields []field
	for k := range 250 {
		f := field{name: fmt.Sprintf("q%03d", k+1)}
		switch k % 6 {
		case 0, 1:
			f.kind = "string"
		case 2:
			f.kind = "int"
		case 3:
			f.kind, f.choices = "select1", 8
		case 4:
			f.kind = "decimal"
		case 5:
			f.kind = "date"
		}
		fields = append(fields, f)
	}
	return questionnaire{"load_long", formOf("load_long", fields, nil), func(n int) []byte { return recordOf("load_long", fields, nil, n) }}
}

// household is the form of the second: a few answers, and two persons in a repeat.
func household() questionnaire {
	main := []field{{"district", "select1", 30}, {"site", "string", 0}, {"arrived", "date", 0}, {"persons", "int", 0},
		{"shelter", "select1", 6}, {"water", "select1", 5}, {"distance", "decimal", 0}, {"needs", "select", 9}, {"remark", "string", 0}, {"months", "int", 0}}
	person := []field{{"age", "int", 0}, {"sex", "select1", 2}, {"relation", "select1", 7}, {"school", "select1", 3}}
	return questionnaire{"load_household", formOf("load_household", main, person), func(n int) []byte { return recordOf("load_household", main, person, n) }}
}

// formOf writes the XForm.
func formOf(id string, fields, repeated []field) string {
	var instance, binds, body strings.Builder
	write := func(to *strings.Builder, path string, fields []field) {
		for _, f := range fields {
			fmt.Fprintf(to, "<%s/>", f.name)
			kind := f.kind
			switch kind {
			case "select1", "select":
				kind = "string"
			}
			fmt.Fprintf(&binds, `<bind nodeset="%s/%s" type="%s"/>`, path, f.name, kind)
			tag := "input"
			if f.choices > 0 {
				tag = f.kind
			}
			fmt.Fprintf(&body, `<%s ref="%s/%s"><label>Question %s</label>`, tag, path, f.name, f.name)
			for c := range f.choices {
				fmt.Fprintf(&body, `<item><label>Choice %d</label><value>c%d</value></item>`, c, c)
			}
			fmt.Fprintf(&body, `</%s>`, tag)
		}
	}
	write(&instance, "/data", fields)
	if repeated != nil {
		instance.WriteString(`<person jr:template="">`)
		body.WriteString(`<group ref="/data/person"><label>Person</label><repeat nodeset="/data/person">`)
		write(&instance, "/data/person", repeated)
		body.WriteString(`</repeat></group>`)
		instance.WriteString(`</person>`)
	}
	return `<?xml version="1.0"?><h:html xmlns="http://www.w3.org/2002/xforms" xmlns:h="http://www.w3.org/1999/xhtml" xmlns:jr="http://openrosa.org/javarosa" xmlns:orx="http://openrosa.org/xforms"><h:head><h:title>` + id +
		`</h:title><model><instance><data id="` + id + `" version="1">` + instance.String() + `<meta><instanceID/></meta></data></instance>` + binds.String() +
		`<bind nodeset="/data/meta/instanceID" type="string" readonly="true()"/></model></h:head><h:body>` + body.String() + `</h:body></h:html>`
}

// recordOf fills a form in. The same number gives the same record.
func recordOf(id string, fields, repeated []field, n int) []byte {
	draw := rand.New(rand.NewPCG(uint64(n), 7))
	b := make([]byte, 0, 7000)
	b = append(b, `<?xml version="1.0"?><data id="`+id+`" version="1">`...)
	write := func(fields []field) {
		for _, f := range fields {
			b = append(append(append(b, '<'), f.name...), '>')
			b = answer(b, draw, f)
			b = append(append(append(b, "</"...), f.name...), '>')
		}
	}
	write(fields)
	if repeated != nil {
		for range 2 {
			b = append(b, "<person>"...)
			write(repeated)
			b = append(b, "</person>"...)
		}
	}
	return fmt.Appendf(b, `<meta><instanceID>uuid:%08x-0000-4000-8000-%012x</instanceID></meta></data>`, hashed(id), n)
}

func hashed(s string) (h uint32) {
	for _, c := range s {
		h = h*31 + uint32(c)
	}
	return h
}

var words = strings.Fields("the road was closed after rain so people walked for two days and slept near river before they reached town where a cousin lives")

func answer(b []byte, draw *rand.Rand, f field) []byte {
	choice := func(n int) { b = strconv.AppendInt(append(b, 'c'), int64(n), 10) }
	switch {
	case f.kind == "select":
		first, second := draw.IntN(f.choices), draw.IntN(f.choices)
		choice(min(first, second))
		if first != second {
			b = append(b, ' ')
			choice(max(first, second))
		}
	case f.choices > 0:
		choice(draw.IntN(f.choices))
	case f.kind == "int":
		b = strconv.AppendInt(b, int64(draw.IntN(90)), 10)
	case f.kind == "decimal":
		b = strconv.AppendFloat(b, draw.Float64()*100, 'f', 2, 64)
	case f.kind == "date":
		b = append(b, "2026-"...)
		b = append(b, byte('0'+draw.IntN(2)), '0'+byte(1+draw.IntN(2)), '-', byte('1'+draw.IntN(2)), byte('0'+draw.IntN(9)))
	default:
		for k := range 2 + draw.IntN(4) {
			if k > 0 {
				b = append(b, ' ')
			}
			b = append(b, words[draw.IntN(len(words))]...)
		}
	}
	return b
}
