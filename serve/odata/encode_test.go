package odata

import (
	"encoding/json"
	"strings"
	"testing"
	"unicode/utf8"

	"waymark/collect"
)

// FuzzText asks that a text comes back from JSON as it was, but for bytes that are no UTF-8.
func FuzzText(f *testing.F) {
	for _, s := range []string{"", `a"b\c`, "é\u2028\x00\x1f\n", "\xff\xfe", "😀 عربي"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		var back string
		if err := json.Unmarshal(appendText(nil, s), &back); err != nil {
			t.Fatal(err)
		}
		want := strings.Map(func(r rune) rune { return r }, s) // each byte that is no UTF-8 becomes U+FFFD
		if back != want || !utf8.ValidString(back) {
			t.Fatalf("%q, want %q", back, want)
		}
	})
}

// FuzzCell asks that whatever a phone sends is written as JSON, in every format.
func FuzzCell(f *testing.F) {
	for _, s := range []string{"-15.5 35.25 1200 4.5", "1 2;3 4;", "1e400", "2024-05-31T10:00:00+02", "-", "0x10", ";;;", "1 2 3 4 5"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		for format := asText; format <= asShape; format++ {
			for _, wkt := range []bool{false, true} {
				if b := appendCell(nil, collect.Cell{Text: s}, format, wkt); !json.Valid(b) {
					t.Fatalf("format %d: %s", format, b)
				}
			}
		}
	})
}

// FuzzPath asks that any path is refused or taken apart without harm.
func FuzzPath(f *testing.F) {
	for _, s := range []string{"Submissions", "Submissions('uuid:a')/home/person('b')/x", "Submissions('')", "a/b/(c", "'"} {
		f.Add(s, "uuid:a/home/person[2]")
	}
	f.Fuzz(func(t *testing.T, rest, key string) {
		path, ok := parsePath(rest)
		if !ok {
			return
		}
		_, instance, within := meant(path)
		within.has(&collect.Row{Record: &collect.Record{Instance: instance}, Key: key})
		within.has(&collect.Row{Record: &collect.Record{Instance: "uuid:a"}, Key: key})
	})
}
