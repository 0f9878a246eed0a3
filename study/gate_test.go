package study_test

import (
	"archive/zip"
	"bytes"
	"context"
	"encoding/csv"
	"encoding/json"
	"html"
	"io"
	"os/exec"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"unicode"

	"waymark/dataset"
	"waymark/lang"
	"waymark/publish/pdf"
	"waymark/publish/report"
	"waymark/study"
	"waymark/study/plan"
)

// The numbers planted in the data; the threshold of the leak tests is above all of them.
const (
	plantedPeople = 7391
	plantedWomen  = 4813     // all on the same route, and all held
	plantedShare  = "0.6512" // 4813 of 7391
	leakThreshold = 10000
)

// planted sets columns of the simulated interviews so that exactly plantedPeople are on one route, of them
// plantedWomen women, who alone were held.
func planted(t testing.TB, rows int) map[string]study.Input {
	t.Helper()
	in := simulatedInputs(rows, 5)
	table := in["interviews"].Loaded.Table
	set := func(name string, code func(i int) string) {
		at := slices.IndexFunc(table.Columns, func(c *dataset.Column) bool { return c.Name == name })
		if at < 0 {
			t.Fatalf("the simulated survey has no column %s", name)
		}
		b := dataset.NewBuilder(table.Columns[at].Field)
		for i := range rows {
			b.Level(code(i))
		}
		table.Columns[at] = b.Column()
	}
	first := func(n int, yes, no string) func(int) string {
		return func(i int) string {
			if i < n {
				return yes
			}
			return no
		}
	}
	for _, name := range []string{"consent", "first_time", "arrived_within_year"} {
		set(name, first(rows, "yes", ""))
	}
	set("route", first(plantedPeople, "Central", "Eastern"))
	set("held", first(plantedWomen, "yes", "no"))
	set("sex", first(plantedWomen, "female", "male"))
	at := slices.IndexFunc(table.Columns, func(c *dataset.Column) bool { return c.Name == "age" })
	age := dataset.NewBuilder(table.Columns[at].Field)
	for i := range rows {
		if c := table.Columns[at]; c.Missing(i) == dataset.Present {
			age.Copy(c, i)
		} else {
			age.Number(30) // so that no rule of the sample takes anybody out
		}
	}
	table.Columns[at] = age.Column()
	return in
}

// withThreshold is the shipped plan under another threshold, without the many fits of its robustness sheet.
func withThreshold(t testing.TB, least int) *plan.Plan {
	p := shipped(t, "mediterranean-2017")
	p.Disclosure.MinPeople = least
	p.Robustness = nil
	return p
}

// informants is a table of key informants' figures: two districts have fewer than leakThreshold people.
func informants() map[string]study.Input {
	district := dataset.NewBuilder(dataset.Field{Name: "district", Kind: dataset.Category})
	arrivals := dataset.NewBuilder(dataset.Field{Name: "arrivals", Kind: dataset.Number})
	men := dataset.NewBuilder(dataset.Field{Name: "men", Kind: dataset.Number})
	women := dataset.NewBuilder(dataset.Field{Name: "women", Kind: dataset.Number})
	for _, r := range []struct {
		district   string
		men, women float64
	}{{"north", 41200, 42311}, {"south", 31100, 33107}, {"east", 3300, 4091}, {"west", 2413, 2400}, {"middle", 20017, 21013}} {
		district.Level(r.district)
		arrivals.Number(r.men + r.women)
		men.Number(r.men)
		women.Number(r.women)
	}
	t := &dataset.Table{Name: "places"}
	for _, b := range []*dataset.Builder{district, arrivals, men, women} {
		if err := t.Add(b.Column()); err != nil {
			panic(err)
		}
	}
	return map[string]study.Input{"places": {File: "places.csv", Loaded: loaded(t)}}
}

const informantsPlan = `waymark: plan/1
id: informants
kind: location-counts
title: {en: People who arrived, fr: Personnes arrivées}
source: {en: Key informants, fr: Informateurs clés}
data:
  - {name: places, title: {en: Places, fr: Lieux}, unit: {en: place, fr: lieu}}
disclosure: {min_people: 10}
counts:
  measures:
    - {id: arrivals, column: arrivals, title: {en: People who arrived, fr: Personnes arrivées}}
    - {id: men, column: men, title: {en: Men, fr: Hommes}}
    - {id: women, column: women, title: {en: Women, fr: Femmes}}
    - {id: places, column: arrivals, rows: true, people: arrivals, title: {en: Places, fr: Lieux}}
  tables:
    - id: by-district
      title: {en: By district, fr: Par district}
      by: district
      dim: {en: District, fr: District}
      headline: arrivals
      measures: [arrivals, men, women, places]
      parts: [[arrivals, men, women]]
`

func informantsStudy(t testing.TB, least int) *plan.Plan {
	t.Helper()
	p, issues := plan.Parse("informants.yaml", []byte(informantsPlan))
	if err := issues.Err(); err != nil {
		t.Fatal(err)
	}
	p.Disclosure.MinPeople = least // also what a plan file may not ask for
	return p
}

// everything runs a study and gives each file of the public output unpacked, what the record and the
// findings say, and the words of every note: all that a run shows but the owner's line on the rows read.
func everything(t testing.TB, p *plan.Plan, in map[string]study.Input, press func(context.Context, []byte) ([]byte, error)) map[string]string {
	t.Helper()
	public := files{}
	result, err := study.Run(context.Background(), p, in, study.Outputs{Public: public, Working: files{}},
		study.Options{Languages: []string{"en", "fr"}, Version: "test", PDF: press})
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]string{}
	for name, content := range public {
		unpack(t, out, name, content.Bytes())
	}
	record, err := json.Marshal(result.Record)
	if err != nil {
		t.Fatal(err)
	}
	out["(record)"] = string(record)
	for _, tag := range []string{"en", "fr"} {
		printer, err := lang.New(tag)
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range result.Document.Summary.Findings {
			for _, text := range []report.Text{f.Say, f.Sure, f.Do, f.Actors} {
				said, err := report.Say(text, printer)
				if err != nil {
					t.Fatal(err)
				}
				out["(findings "+tag+")"] += said + "\n"
			}
		}
		for _, n := range result.Notes {
			out["(notes "+tag+")"] += printer.Issue(n) + "\n"
		}
	}
	return out
}

// unpack adds a file as text, containers by what they hold.
func unpack(t testing.TB, out map[string]string, name string, content []byte) {
	t.Helper()
	switch {
	case bytes.HasPrefix(content, []byte("PK\x03\x04")):
		z, err := zip.NewReader(bytes.NewReader(content), int64(len(content)))
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range z.File {
			r, err := f.Open()
			if err != nil {
				t.Fatal(err)
			}
			inside, err := io.ReadAll(r)
			if err != nil {
				t.Fatal(err)
			}
			unpack(t, out, name+"/"+f.Name, inside)
		}
	case bytes.HasPrefix(content, []byte("%PDF")):
		tool, err := exec.LookPath("pdftotext")
		if err != nil {
			t.Logf("%s: pdftotext is not here, its text is not searched", name)
			return
		}
		c := exec.Command(tool, "-layout", "-", "-")
		c.Stdin = bytes.NewReader(content)
		text, err := c.Output()
		if err != nil {
			t.Fatal(err)
		}
		out[name] = string(text)
	default:
		out[name] = string(content)
	}
}

// hash is a checksum, whose digits are no numbers.
var hash = regexp.MustCompile(`[0-9a-f]{64}`)

// size is how many bytes a file has: no count of people.
var size = regexp.MustCompile(`(?i)"?bytes"?: ?\d+`)

// tag is an element of a page or a drawing; position the number of a text in the list that a workbook keeps of
// its texts.
var (
	tag      = regexp.MustCompile(`(?s)<style.*?</style>|<[^>]*>`)
	position = regexp.MustCompile(`t="s"><v>[0-9]+</v>`)
)

// numbersOf lists every number that stands in a text: whole ones plain, whether written together or in groups
// of thousands parted by a comma, an apostrophe or any kind of space; others as written, "0.3816".
func numbersOf(text string) map[string]bool {
	out := map[string]bool{}
	r := []rune(position.ReplaceAllString(size.ReplaceAllString(hash.ReplaceAllString(text, ""), ""), ""))
	digits := func(i int) int { // end of the digits from i
		for i < len(r) && r[i] >= '0' && r[i] <= '9' {
			i++
		}
		return i
	}
	for i := 0; i < len(r); i++ {
		end := digits(i)
		if end == i {
			continue
		}
		whole := string(r[i:end])
		out[whole] = true
		for end+4 <= len(r) && parts(r[end]) && digits(end+1) == end+4 {
			whole += string(r[end+1 : end+4])
			end += 4
			out[whole] = true
		}
		if end+1 < len(r) && (r[end] == '.' || r[end] == ',') {
			if last := digits(end + 1); last > end+1 {
				fraction := string(r[end+1 : last])
				out[whole+"."+fraction] = true
				end = last
			}
		}
		i = end
	}
	return out
}

// parts says whether a sign may part groups of thousands.
func parts(r rune) bool {
	return strings.ContainsRune(",'’_", r) || unicode.IsSpace(r) || r == '\u202f' || r == '\u00a0'
}

// index is the numbers of each file.
type index map[string]map[string]bool

func indexOf(texts map[string]string) index {
	out := index{}
	for name, text := range texts {
		out[name] = numbersOf(html.UnescapeString(text))
	}
	return out
}

// found lists the files in which a number stands.
func (x index) found(n string) []string {
	var in []string
	for name, numbers := range x {
		if numbers[n] {
			in = append(in, name)
		}
	}
	slices.Sort(in)
	return in
}

// kinds gives the endings of the files in which a number stands.
func kinds(names []string) []string {
	var out []string
	for _, name := range names {
		end := name[strings.LastIndex(name, ".")+1:]
		if strings.Contains(name, ".xlsx/") {
			end = "xlsx"
		}
		if !slices.Contains(out, end) {
			out = append(out, end)
		}
	}
	slices.Sort(out)
	return out
}

// countsIn reads every number of people from the tables of an open run: counts, and the numerators of shares
// and what remains of their bases. shares are those shares as data files write them.
func countsIn(t testing.TB, texts map[string]string) (counts []int, shares []string) {
	t.Helper()
	for name, text := range texts {
		if !strings.HasPrefix(name, "tables/data/") {
			continue
		}
		table := readTable(t, text)
		for _, row := range table {
			n, whole := row["n"], 0
			if n == "" {
				n = row["people"]
			}
			whole, _ = strconv.Atoi(n)
			for _, column := range []string{"n", "people", "removed", "left", "events", "arrivals", "men", "women"} {
				if v, err := strconv.Atoi(row[column]); err == nil {
					counts = append(counts, v)
				}
			}
			if share, err := strconv.ParseFloat(row["share"], 64); err == nil && whole > 0 {
				events := int(share*float64(whole) + 0.5)
				counts = append(counts, events, whole-events)
				if events < leakThreshold || whole < leakThreshold {
					shares = append(shares, row["share"])
				}
			}
		}
	}
	slices.Sort(counts)
	slices.Sort(shares)
	return slices.Compact(counts), slices.Compact(shares)
}

// readTable reads a table of the data package: a map a row, by column.
func readTable(t testing.TB, text string) []map[string]string {
	t.Helper()
	lines, err := csv.NewReader(strings.NewReader(strings.TrimPrefix(text, "\ufeff"))).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	var out []map[string]string
	for _, line := range lines[1:] {
		row := map[string]string{}
		for i, v := range line {
			row[lines[0][i]] = v
		}
		out = append(out, row)
	}
	return out
}

// No number below a threshold of 10,000 stands in any byte of the public output, in whatever form. The same
// data without a threshold show that the search finds them.
func TestNoSuppressedNumberIsWritten(t *testing.T) {
	var press func(context.Context, []byte) ([]byte, error)
	if opened, err := pdf.Open(t.Context(), pdf.Options{}); err == nil {
		defer opened.Close()
		press = opened.Print
	}
	t.Run("PDF", func(t *testing.T) { // what keeps it from being searched is a skip that is counted
		if press == nil {
			t.Skip("chromium is missing: PDF is not searched; apt-get install chromium")
		}
		if _, err := exec.LookPath("pdftotext"); err != nil {
			t.Skip("pdftotext is missing: PDF is not searched; apt-get install poppler-utils")
		}
	})
	for _, c := range []struct {
		name   string
		study  func(testing.TB, int) *plan.Plan
		inputs map[string]study.Input
		plants []string
		kinds  []string
	}{
		{"survey", withThreshold, planted(t, 16524), []string{strconv.Itoa(plantedPeople), strconv.Itoa(plantedWomen), plantedShare}, []string{"csv", "html", "xlsx"}},
		{"informants", informantsStudy, informants(), []string{strconv.Itoa(plantedPeople), strconv.Itoa(plantedWomen), "4091", "2413"}, []string{"csv", "html", "xlsx"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			texts := everything(t, c.study(t, 1), c.inputs, nil)
			open, closed := indexOf(texts), index(nil)
			gated := everything(t, c.study(t, leakThreshold), c.inputs, press)
			closed = indexOf(gated)
			for name, text := range gated { // of drawings and sheets only what they say: among coordinates every number stands by chance
				if slices.Contains([]string{"svg", "html", "xml"}, name[strings.LastIndex(name, ".")+1:]) {
					gated[name] = tag.ReplaceAllString(text, " ")
				}
			}
			said := indexOf(gated)
			for _, n := range c.plants {
				in := kinds(open.found(n))
				for _, kind := range c.kinds {
					if !slices.Contains(in, kind) && (n != plantedShare || kind == "csv") {
						t.Errorf("without a threshold %s stands in no %s: the search does not work", n, kind)
					}
				}
				if in := closed.found(n); len(in) > 0 {
					t.Errorf("%s stands in %v", n, in)
				}
			}
			counts, shares := countsIn(t, texts)
			searched := 0
			for _, n := range counts {
				if n < 1000 || n >= leakThreshold {
					continue // shorter numbers stand anywhere by chance
				}
				searched++
				if in := said.found(strconv.Itoa(n)); len(in) > 0 {
					t.Errorf("%d stands in %v", n, in)
				}
			}
			for _, s := range shares {
				if len(s) < len("0.1234") {
					continue
				}
				if in := closed.found(s); len(in) > 0 {
					t.Errorf("the share %s stands in %v", s, in)
				}
			}
			t.Logf("%d counts and %d shares searched in %d files", searched, len(shares), len(closed))
			if searched < 4 {
				t.Error("next to nothing was searched for")
			}
		})
	}
}
