package place

import (
	"bytes"
	"encoding/csv"
	"flag"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"waymark/names"
)

var update = flag.Bool("update", false, "write countries.csv and regions.csv anew from the reference files and additions.csv")

// TestCompiledTableIsFresh compiles countries.csv and regions.csv from the lists named in SOURCE.md and
// additions.csv (UNHCR and Gleditsch-Ward codes, corrected names, further names), and compares them with what
// is committed; with -update it writes them.
func TestCompiledTableIsFresh(t *testing.T) {
	root := os.Getenv("WAYMARK_REFERENCE")
	if root == "" {
		t.Skip("WAYMARK_REFERENCE is not set: TestCompiledTableIsFresh skipped")
	}
	folder := filepath.Join(root, "data", "geography")
	english := keyed(t, filepath.Join(folder, "unsd-m49-regions-en.csv"), "M49 Code")
	french := keyed(t, filepath.Join(folder, "unsd-m49-regions-fr.csv"), "M49 Code")
	further := keyed(t, filepath.Join(folder, "country-codes-iso-m49.csv"), "ISO3166-1-Alpha-3")
	additions := keyed(t, "additions.csv", "iso3")

	regions := [][]string{}
	rows := [][]string{}
	for m49, en := range english {
		fr, more := french[m49], further[en["ISO-alpha3 Code"]]
		if m49 != "158" { // added to the list by its compilers, with region names of their own
			regions = append(regions, regionsOf(en, fr)...)
		}
		rows = append(rows, country(en, fr, more, additions[en["ISO-alpha3 Code"]]))
	}
	kosovo := map[string]string{"ISO-alpha3 Code": "XKX", "ISO-alpha2 Code": "XK", "Region Code": "150", "Sub-region Code": "039"}
	rows = append(rows, country(kosovo, nil, nil, additions["XKX"]))
	checkFile(t, "countries.csv", []string{"iso3", "iso2", "m49", "unhcr", "gw", "english", "french", "regions", "other"}, rows)
	checkFile(t, "regions.csv", []string{"m49", "level", "english", "french"}, regions)
}

func regionsOf(en, fr map[string]string) [][]string {
	var out [][]string
	for _, level := range []struct{ column, name string }{{"Global", "world"}, {"Region", "region"}, {"Sub-region", "subregion"}, {"Intermediate Region", "intermediate"}} {
		if code := en[level.column+" Code"]; code != "" {
			out = append(out, []string{code, level.name, typographic(en[level.column+" Name"]), typographic(fr[level.column+" Name"])})
		}
	}
	return out
}

func country(en, fr, more, add map[string]string) []string {
	iso3 := en["ISO-alpha3 Code"]
	english, french := typographic(en["Country or Area"]), typographic(fr["Country or Area"])
	known := []string{english, french}
	if add["english"] != "" {
		english, french = add["english"], add["french"]
	}
	unhcr := add["unhcr"]
	switch unhcr {
	case "":
		unhcr = iso3
	case "-":
		unhcr = ""
	}
	for _, column := range []string{"UNTERM English Short", "UNTERM French Short", "UNTERM English Formal", "UNTERM French Formal", "CLDR display name"} {
		known = append(known, bare(more[column]))
	}
	known = append(known, strings.Split(add["variants"], "|")...)
	seen := map[string]bool{names.Fold(english): true, names.Fold(french): true, "": true}
	var other []string
	for _, name := range known {
		name = typographic(name)
		if key := names.Fold(name); !seen[key] {
			seen[key] = true
			other = append(other, name)
		}
	}
	regions := strings.Join(strings.Fields(en["Region Code"]+" "+en["Sub-region Code"]+" "+en["Intermediate Region Code"]), " ")
	return []string{iso3, en["ISO-alpha2 Code"], en["M49 Code"], unhcr, add["gw"], english, french, regions, strings.Join(other, "|")}
}

// bare takes the article off a name of the terminology lists: "Gambia (the)", "the Republic of Mali",
// "Algérie (l')", and the footnote stars.
func bare(name string) string {
	name = strings.TrimSpace(strings.TrimRight(name, "* "))
	for _, article := range []string{"(the)", "(la)", "(le)", "(les)", "(l')"} {
		name = strings.TrimSpace(strings.TrimSuffix(name, article))
	}
	for _, article := range []string{"the ", "la ", "le ", "les ", "l'"} {
		if rest, cut := strings.CutPrefix(name, article); cut {
			return rest
		}
	}
	return name
}

func typographic(name string) string {
	return strings.TrimSpace(strings.ReplaceAll(name, "'", "’"))
}

func keyed(t *testing.T, file, key string) map[string]map[string]string {
	t.Helper()
	raw, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	rows, err := csv.NewReader(bytes.NewReader(bytes.TrimPrefix(raw, []byte("\ufeff")))).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]map[string]string{}
	for _, row := range rows[1:] {
		cells := map[string]string{}
		for i, name := range rows[0] {
			cells[name] = row[i]
		}
		out[cells[key]] = cells
	}
	return out
}

func checkFile(t *testing.T, file string, header []string, rows [][]string) {
	t.Helper()
	slices.SortFunc(rows, slices.Compare[[]string])
	rows = slices.CompactFunc(rows, slices.Equal[[]string])
	var b bytes.Buffer
	w := csv.NewWriter(&b)
	if err := w.WriteAll(append([][]string{header}, rows...)); err != nil {
		t.Fatal(err)
	}
	if *update {
		if err := os.WriteFile(file, b.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	have, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(b.String(), string(have)); diff != "" {
		t.Errorf("%s is not what its sources give (-want +have):\n%s", file, diff)
	}
}
