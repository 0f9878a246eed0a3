package lang_test

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"waymark/fault"
	"waymark/lang"
)

func printers(t testing.TB) (en, fr *lang.Printer) {
	t.Helper()
	en, err := lang.New("en")
	if err != nil {
		t.Fatal(err)
	}
	fr, err = lang.New("fr")
	if err != nil {
		t.Fatal(err)
	}
	return en, fr
}

// show makes the two kinds of space visible in a failure: _ is narrow, ~ is not.
func show(s string) string { return strings.NewReplacer("\u202f", "_", "\u00a0", "~").Replace(s) }

func TestWriting(t *testing.T) {
	en, fr := printers(t)
	day := time.Date(2026, 11, 22, 0, 0, 0, 0, time.UTC)
	for _, c := range []struct {
		name   string
		write  func(*lang.Printer) string
		en, fr string
	}{
		{"number", func(p *lang.Printer) string { return p.Number(139312.5, 1) }, "139,312.5", "139_312,5"},
		{"million", func(p *lang.Printer) string { return p.Number(1234567, 0) }, "1,234,567", "1_234_567"},
		{"hundreds", func(p *lang.Printer) string { return p.Number(999, 0) }, "999", "999"},
		{"carried", func(p *lang.Printer) string { return p.Number(999.96, 1) }, "1,000.0", "1_000,0"},
		{"negative", func(p *lang.Printer) string { return p.Number(-0.25, 2) }, "−0.25", "−0,25"},
		{"negative that rounds to zero", func(p *lang.Printer) string { return p.Number(-0.004, 2) }, "0.00", "0,00"},
		{"not a number", func(p *lang.Printer) string { return p.Number(math.NaN(), 2) }, "n/a", "n.~d."},
		{"infinite", func(p *lang.Printer) string { return p.Number(math.Inf(-1), 2) }, "−∞", "−∞"},
		{"real", func(p *lang.Printer) string { return p.Real(0.0250) }, "0.025", "0,025"},
		{"long real", func(p *lang.Printer) string { return p.Real(1234.56789) }, "1,234.57", "1_234,57"},
		{"per cent", func(p *lang.Printer) string { return p.Percent(0.372, 1) }, "37.2%", "37,2_%"},
		{"small per cent", func(p *lang.Printer) string { return p.Percent(0.0002, 1) }, "<0.1%", "<~0,1_%"},
		{"no per cent", func(p *lang.Printer) string { return p.Percent(0, 1) }, "0.0%", "0,0_%"},
		{"points", func(p *lang.Printer) string { return p.Points(0.041, 1) }, "+4.1 percentage points", "+4,1~points de pourcentage"},
		{"points down", func(p *lang.Printer) string { return p.Points(-0.041, 1) }, "−4.1 percentage points", "−4,1~points de pourcentage"},
		{"odds", func(p *lang.Printer) string { return p.OddsRatio(2.137) }, "2.14", "2,14"},
		{"odds of nearly ten", func(p *lang.Printer) string { return p.OddsRatio(9.997) }, "10.0", "10,0"},
		{"odds of tens", func(p *lang.Printer) string { return p.OddsRatio(14.23) }, "14.2", "14,2"},
		{"odds of hundreds", func(p *lang.Printer) string { return p.OddsRatio(163.4) }, "163", "163"},
		{"odds of a hundredth", func(p *lang.Printer) string { return p.OddsRatio(0.0123) }, "0.012", "0,012"},
		{"odds without end", func(p *lang.Printer) string { return p.OddsRatio(3e9) }, ">1,000", ">~1_000"},
		{"odds of nearly nothing", func(p *lang.Printer) string { return p.OddsRatio(3e-9) }, "<0.001", "<~0,001"},
		{"p", func(p *lang.Printer) string { return p.PValue(0.0321) }, "0.032", "0,032"},
		{"small p", func(p *lang.Printer) string { return p.PValue(1e-9) }, "<0.001", "<~0,001"},
		{"interval", func(p *lang.Printer) string { return p.Interval(1.3, 2.9, p.OddsRatio) }, "1.30~to 2.90", "1,30~à 2,90"},
		{"date", func(p *lang.Printer) string { return p.Date(day) }, "22~November 2026", "22~novembre 2026"},
		{"first", func(p *lang.Printer) string { return p.Day("2026-08-01") }, "1~August 2026", "1er~août 2026"},
		{"month", func(p *lang.Printer) string { return p.Day("2016-02") }, "February 2016", "février 2016"},
		{"moment", func(p *lang.Printer) string { return p.Day("2016-12-31T23:59:00Z") }, "31~December 2016", "31~décembre 2016"},
		{"no day", func(p *lang.Printer) string { return p.Day("round 3") }, "round 3", "round 3"},
		{"zero time", func(p *lang.Printer) string { return p.Date(time.Time{}) }, "", ""},
		{"period", func(p *lang.Printer) string { return p.Period("2015-12-01", "2016-11-30") }, "1~December 2015 to 30~November 2016", "1er~décembre 2015 au 30~novembre 2016"},
		{"list", func(p *lang.Printer) string { return p.List([]string{"a", "b", "c"}) }, "a, b and c", "a, b et c"},
		{"pair", func(p *lang.Printer) string { return p.List([]string{"a", "b"}) }, "a and b", "a et b"},
		{"one", func(p *lang.Printer) string { return p.List([]string{"a"}) }, "a", "a"},
		{"none", func(p *lang.Printer) string { return p.List(nil) }, "", ""},
		{"1st", func(p *lang.Printer) string { return p.Ordinal(1) }, "1st", "1er"},
		{"12th", func(p *lang.Printer) string { return p.Ordinal(12) }, "12th", "12e"},
		{"22nd", func(p *lang.Printer) string { return p.Ordinal(22) }, "22nd", "22e"},
		{"label", func(p *lang.Printer) string { return p.Label(map[string]string{"en": "Men", "fr": "Hommes"}) }, "Men", "Hommes"},
		{"label with typography", func(p *lang.Printer) string { return p.Label(map[string]string{"en": "Who?", "fr": "Qui ?"}) }, "Who?", "Qui_?"},
		{"label in one language", func(p *lang.Printer) string { return p.Label(map[string]string{"es": "Sí", "ar": "نعم"}) }, "نعم", "نعم"},
	} {
		if got := show(c.write(en)); got != c.en {
			t.Errorf("%s: English %q, want %q", c.name, got, c.en)
		}
		if got := show(c.write(fr)); got != c.fr {
			t.Errorf("%s: French %q, want %q", c.name, got, c.fr)
		}
	}
}

func TestCountsChooseTheForm(t *testing.T) {
	en, fr := printers(t)
	for _, c := range []struct {
		count  any
		en, fr string
	}{
		{0, "fewer than 0 people", "moins de 0 personne."},
		{1, "fewer than 1 person", "moins de 1 personne."},
		{1.5, "fewer than 1.5 people", "moins de 1,5 personne."},
		{int64(2), "fewer than 2 people", "moins de 2 personnes."},
		{1000000, "fewer than 1,000,000 people", "moins de 1 000 000 de personnes."},
		{lang.Counted{Count: 1, Text: "*"}, "fewer than * person", "moins de * personne."},
	} {
		args := map[string]any{"count": c.count}
		if got := en.Text("report.held-note", args); !strings.Contains(got, c.en) {
			t.Errorf("%v: English %q lacks %q", c.count, got, c.en)
		}
		plain := strings.NewReplacer("\u202f", " ", "\u00a0", " ").Replace(fr.Text("report.held-note", args))
		if !strings.Contains(plain, c.fr) {
			t.Errorf("%v: French %q lacks %q", c.count, plain, c.fr)
		}
	}
}

func TestIssueSaysItsPlace(t *testing.T) {
	en, fr := printers(t)
	issue := fault.Issue{Code: lang.CodeUnknownLanguage, Args: map[string]any{"tag": "xx", "known": []string{"en", "fr"}},
		Place: fault.Place{Document: "plan.yaml", Sheet: "a", Row: 12345, Column: 3, Field: "languages"}}
	want := "plan.yaml, sheet a, row 12345, column 3 (languages): There are no texts in the language xx. Ask for one of these: en and fr."
	if diff := cmp.Diff(want, en.Issue(issue)); diff != "" {
		t.Error(diff)
	}
	want = "plan.yaml, feuille a, ligne 12345, colonne 3 (languages)~: Il n’existe pas de textes dans la langue xx. Choisissez l’une des langues suivantes~: en et fr."
	if diff := cmp.Diff(want, show(fr.Issue(issue))); diff != "" {
		t.Error(diff)
	}
	if got := en.Error(fmt.Errorf("read: %w", fault.Issues{issue, {Code: "no.such-code"}})); strings.Count(got, "\n") != 1 || !strings.HasSuffix(got, "no.such-code") {
		t.Errorf("Error gave %q", got)
	}
	if got := en.Error(fmt.Errorf("no issue")); got != "no issue" {
		t.Errorf("Error gave %q", got)
	}
}

func TestNewTakesTagsAndLocales(t *testing.T) {
	for tag, want := range map[string]string{"en": "en", "fr": "fr", "fr-CA": "fr", "fr_FR.UTF-8": "fr", "EN_gb": "en", "C": "en", "POSIX": "en", "C.UTF-8": "en"} {
		p, err := lang.New(tag)
		if err != nil || p.Tag() != want {
			t.Errorf("New(%q) = %v, %v; want %s", tag, p, err, want)
		}
	}
	for _, tag := range []string{"", "de", "fra"} {
		if _, err := lang.New(tag); len(fault.Of(err)) != 1 {
			t.Errorf("New(%q) gave %v, want an issue", tag, err)
		}
	}
}

func TestTypeset(t *testing.T) {
	for _, c := range []struct{ name, in, want string }{
		{"marks after spaces", "Quoi ? Oui ! Bien ; 5 % : là", "Quoi_? Oui_! Bien_; 5_%~: là"},
		{"marks after words", "Quoi? Oui! Bien; 5% là: fin", "Quoi_? Oui_! Bien_; 5_% là~: fin"},
		{"groups of digits", "de 1 000 à 1 234 567, en 2016 123 fois, 12 34", "de 1_000 à 1_234_567, en 2016 123 fois, 12 34"},
		{"guillemets", "« ici » et «là»", "«~ici~» et «~là~»"},
		{"apostrophe", "l'eau n'est", "l’eau n’est"},
		{"time and address", "à 10:30, https://example.org/?a=1", "à 10:30, https://example.org/?a=1"},
		{"after an argument", "{{.a}}; {{.b}}: {{.c}} %", "{{.a}}_; {{.b}}~: {{.c}}_%"},
		{"inside an action", `{{if eq .a "x : y"}}a : b{{end}}`, `{{if eq .a "x : y"}}a~: b{{end}}`},
		{"already set", "Quoi\u202f? là\u00a0: fin", "Quoi_? là~: fin"},
		{"unclosed action", "{{.a : b", "{{.a~: b"},
	} {
		if got := show(lang.Typeset("fr", c.in)); got != c.want {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
		if again := lang.Typeset("fr", lang.Typeset("fr", c.in)); again != lang.Typeset("fr", c.in) {
			t.Errorf("%s: setting twice changes %q", c.name, again)
		}
	}
	if got := lang.Typeset("en", "Who: it's 5 %"); got != "Who: it’s 5 %" {
		t.Errorf("English became %q", got)
	}
}

func TestArgumentsAreLeftAsTheyAre(t *testing.T) {
	_, fr := printers(t)
	got := fr.Text("lang.unknown-language", map[string]any{"tag": "y ~ a : b ? 'c'", "known": "x"})
	if !strings.Contains(got, "y ~ a : b ? 'c'") {
		t.Errorf("the argument was changed: %q", got)
	}
}

func TestPrinterIsShared(t *testing.T) {
	en, _ := printers(t)
	var group sync.WaitGroup
	for n := range 8 {
		group.Go(func() {
			if en.Text("lang.row", map[string]any{"at": fmt.Sprint(n)}) != fmt.Sprintf("row %d", n) || en.Text("report.page", nil) != "Page" {
				t.Error("wrong text")
			}
		})
	}
	group.Wait()
}

func ExamplePrinter() {
	p, _ := lang.New("fr_CH")
	fmt.Println(p.Day("2026-11"))
	fmt.Println(p.List([]string{"hommes", "garçons", "femmes", "filles"}))
	// Output:
	// novembre 2026
	// hommes, garçons, femmes et filles
}

// What is written reads back as what was rounded, and both languages say the same number.
func TestNumbersReadBack(t *testing.T) {
	en, fr := printers(t)
	rapid.Check(t, func(t *rapid.T) {
		x := rapid.Float64Range(-1e12, 1e12).Draw(t, "x")
		decimals := rapid.IntRange(0, 6).Draw(t, "decimals")
		plainEN := strings.NewReplacer(",", "", "−", "-").Replace(en.Number(x, decimals))
		plainFR := strings.NewReplacer("\u202f", "", ",", ".", "−", "-").Replace(fr.Number(x, decimals))
		if plainEN != plainFR {
			t.Fatalf("English says %s, French %s", plainEN, plainFR)
		}
		got, err := strconv.ParseFloat(plainEN, 64)
		if err != nil || math.Abs(got-x) > 0.5000001*math.Pow(10, -float64(decimals))+math.Abs(x)*1e-15 {
			t.Fatalf("%v with %d decimals reads back as %v: %v", x, decimals, got, err)
		}
		if _, rest, _ := strings.Cut(plainEN, "."); len(rest) != decimals {
			t.Fatalf("%s has %d decimals, want %d", plainEN, len(rest), decimals)
		}
	})
}

func FuzzTypeset(f *testing.F) {
	for _, s := range []string{"a : b ; {{.c}}? «d»", "{{", "}} %", "l'{{.a}}", "5 % : 10:30"} {
		f.Add(s)
	}
	bare := strings.NewReplacer(" ", "", "\u00a0", "", "\u202f", "", "’", "'")
	f.Fuzz(func(t *testing.T, s string) {
		for _, tag := range lang.Tags() {
			if got := lang.Typeset(tag, s); bare.Replace(got) != bare.Replace(s) {
				t.Errorf("%s: %q became %q: more than spaces and apostrophes changed", tag, s, got)
			}
		}
	})
}

func BenchmarkNew(b *testing.B) {
	for b.Loop() {
		if _, err := lang.New("fr"); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkFirstText(b *testing.B) {
	for b.Loop() {
		p, _ := lang.New("fr")
		p.Text("lang.row", map[string]any{"at": "3"})
	}
}

func BenchmarkMissingText(b *testing.B) { // reads every room
	for b.Loop() {
		p, _ := lang.New("fr")
		p.Text("no.such-code", nil)
	}
}
