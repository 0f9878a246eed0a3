package place_test

import (
	"encoding/csv"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"waymark/fault"
	"waymark/names"
	"waymark/place"
)

func TestEveryCountryIsWhole(t *testing.T) {
	table := place.Countries()
	if n := len(table.All()); n < 245 {
		t.Fatalf("%d countries and areas, want the whole M49 list", n)
	}
	m49 := map[string]string{}
	for _, c := range table.All() {
		if c.English == "" || c.French == "" {
			t.Errorf("%s lacks a name", c.ISO3)
		}
		if c.M49 == "" && c.ISO3 != "XKX" {
			t.Errorf("%s has no M49 code", c.ISO3)
		}
		if other := m49[c.M49]; other != "" && c.M49 != "" {
			t.Errorf("M49 %s belongs to %s and %s", c.M49, other, c.ISO3)
		}
		m49[c.M49] = c.ISO3
		if len(c.Regions) == 0 && c.ISO3 != "ATA" {
			t.Errorf("%s lies in no region", c.ISO3)
		}
		for _, name := range []string{c.English, c.French} {
			found, ok := table.ByName(name)
			if !ok || found.ISO3 != c.ISO3 {
				t.Errorf("ByName(%q) = %s, want %s", name, found.ISO3, c.ISO3)
			}
		}
		if strings.ContainsAny(c.English+c.French+strings.Join(c.Other, ""), "'*;") {
			t.Errorf("%s: a name keeps a typewriter quote or a footnote mark", c.ISO3)
		}
	}
}

func TestNamesOfTheUN(t *testing.T) {
	for iso3, want := range map[string][2]string{
		"TUR": {"Türkiye", "Türkiye"},
		"SWZ": {"Eswatini", "Eswatini"},
		"MKD": {"North Macedonia", "Macédoine du Nord"},
		"CIV": {"Côte d’Ivoire", "Côte d’Ivoire"},
		"PSE": {"State of Palestine", "État de Palestine"},
		"COD": {"Democratic Republic of the Congo", "République démocratique du Congo"},
		"NLD": {"Netherlands (Kingdom of the)", "Pays-Bas (Royaume des)"},
		"CZE": {"Czechia", "Tchéquie"},
		"NAM": {"Namibia", "Namibie"},
	} {
		c, ok := place.Countries().ByISO3(iso3)
		if !ok || c.Name("en") != want[0] || c.Name("fr-CA") != want[1] {
			t.Errorf("%s: %q, %q, want %q", iso3, c.Name("en"), c.Name("fr-CA"), want)
		}
	}
}

func TestByName(t *testing.T) {
	for name, iso3 := range map[string]string{
		"DR Congo (Zaire)": "COD", "Yemen (North Yemen)": "YEM", "Russia (Soviet Union)": "RUS", "Cambodia (Kampuchea)": "KHM",
		"Bosnia-Herzegovina": "BIH", "Kingdom of eSwatini (Swaziland)": "SWZ", "Madagascar (Malagasy)": "MDG", "Rumania": "ROU",
		"Serbia (Yugoslavia)": "SRB", "Zimbabwe (Rhodesia)": "ZWE", "Macedonia, FYR": "MKD", "Tanzania": "TZA", "Turkey": "TUR",
		"IVORY COAST": "CIV", "Cote d'Ivoire": "CIV", "côte d’ivoire": "CIV", "The Gambia": "GMB", "le Mali": "MLI", "the Republic of Mali": "MLI",
		"l'Érythrée": "ERI", "Erythree": "ERI", "Congo": "COG", "Guinea": "GIN", "Guinea Bissau": "GNB", "Niger": "NER", "Nigéria": "NGA",
		"Namibia": "NAM", "Laos": "LAO", "Kosovo": "XKX", "Korea, Republic of": "KOR", "Iran, Islamic Republic of": "IRN", "Gambia, The": "GMB", "Viet Nam": "VNM", "United Kingdom": "GBR", "Macedonia (FYR)": "MKD",
	} {
		c, ok := place.Countries().ByName(name)
		if !ok || c.ISO3 != iso3 {
			t.Errorf("ByName(%q) = %q, %v; want %s", name, c.ISO3, ok, iso3)
		}
	}
	for _, name := range []string{"", "NA", "Korea", "Atlantis", "unknown", "the", "-99"} {
		if c, ok := place.Countries().ByName(name); ok {
			t.Errorf("ByName(%q) guessed %s", name, c.ISO3)
		}
	}
}

func TestSuggest(t *testing.T) {
	for name, iso3 := range map[string]string{
		"Sengal": "SEN", "Afganistan": "AFG", "Eritria": "ERI", "Bangladech": "BGD", "Libia": "LBY", "Cameron": "CMR",
	} {
		found := false
		for _, s := range place.Countries().Suggest(name, 3) {
			found = found || s.Country.ISO3 == iso3
		}
		if !found {
			t.Errorf("Suggest(%q) misses %s", name, iso3)
		}
	}
	korea := map[string]bool{}
	for _, s := range place.Countries().Suggest("Korea", 5) {
		korea[s.Country.ISO3] = true
	}
	if !korea["KOR"] || !korea["PRK"] {
		t.Errorf("Suggest(Korea) misses one of two: %v", korea)
	}
	if got := place.Countries().Suggest("zzzzzz", 3); len(got) > 0 {
		t.Errorf("Suggest(zzzzzz) = %v", got)
	}
}

func TestCodes(t *testing.T) {
	table := place.Countries()
	check := func(what string, c place.Country, ok bool, want string) {
		t.Helper()
		if !ok || c.ISO3 != want {
			t.Errorf("%s = %q, %v; want %s", what, c.ISO3, ok, want)
		}
	}
	c, ok := table.ByISO2("NA")
	check("ByISO2(NA)", c, ok, "NAM")
	c, ok = table.ByISO2("ng")
	check("ByISO2(ng)", c, ok, "NGA")
	c, ok = table.ByM49("4")
	check("ByM49(4)", c, ok, "AFG")
	c, ok = table.ByUNHCR("ARE")
	check("ByUNHCR(ARE)", c, ok, "EGY")
	c, ok = table.ByUNHCR("NIG")
	check("ByUNHCR(NIG)", c, ok, "NGA")
	for number, iso3 := range map[int]string{475: "NGA", 490: "COD", 345: "SRB", 340: "SRB", 680: "YEM", 678: "YEM", 652: "SYR", 817: "VNM", 626: "SSD"} {
		c, ok = table.ByGW(number)
		check("ByGW", c, ok, iso3)
	}
	for _, number := range []int{0, 315, 751, -1} {
		if c, ok := table.ByGW(number); ok {
			t.Errorf("ByGW(%d) = %s, want none", number, c.ISO3)
		}
	}
	if _, ok := table.ByM49(""); ok {
		t.Error("an empty M49 code finds a country")
	}
}

func TestSchemes(t *testing.T) {
	table := place.Countries()
	for _, c := range []struct{ scheme, iso3, group string }{
		{"m49-region", "NGA", "002"}, {"m49-subregion", "NGA", "202"}, {"m49-intermediate", "NGA", "011"},
		{"m49-intermediate", "TUN", "015"}, {"survey-regions", "NGA", "west-africa"}, {"survey-regions", "SDN", "east-africa"},
		{"survey-regions", "TUN", "north-africa"}, {"survey-regions", "SYR", "middle-east"}, {"survey-regions", "IRN", "middle-east"},
		{"survey-regions", "AFG", "south-asia"}, {"survey-regions", "TUR", "europe"}, {"survey-regions", "XKX", "europe"},
		{"origin", "SDN", "sub-saharan"}, {"origin", "MAR", "north-africa"}, {"origin", "PAK", "other"},
	} {
		s, err := table.Scheme(c.scheme)
		if err != nil {
			t.Fatal(err)
		}
		g, ok := s.Of(c.iso3)
		if !ok || g.Code != c.group {
			t.Errorf("%s of %s = %q, want %s", c.scheme, c.iso3, g.Code, c.group)
		}
		if g.Name("en") == "" || g.Name("fr") == "" {
			t.Errorf("%s, group %s lacks a name", c.scheme, g.Code)
		}
	}
	for _, name := range table.SchemeNames() {
		s, err := table.Scheme(name)
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range table.All() {
			if _, ok := s.Of(c.ISO3); !ok && c.ISO3 != "ATA" {
				t.Errorf("scheme %s leaves out %s", name, c.ISO3)
			}
		}
	}
}

func TestSchemeWith(t *testing.T) {
	table := place.Countries()
	s, err := table.Scheme("survey-regions")
	if err != nil {
		t.Fatal(err)
	}
	moved, err := s.With(table, map[string]string{"SDN": "north-africa"})
	if err != nil {
		t.Fatal(err)
	}
	if g, _ := moved.Of("SDN"); g.Code != "north-africa" {
		t.Errorf("moved Sudan is in %s", g.Code)
	}
	if g, _ := s.Of("SDN"); g.Code != "east-africa" {
		t.Errorf("the first scheme changed: Sudan is in %s", g.Code)
	}
	_, err = s.With(table, map[string]string{"ZZZ": "europe", "MLI": "atlantis"})
	codes := map[fault.Code]bool{}
	for _, issue := range fault.Of(err) {
		codes[issue.Code] = true
	}
	if !codes[place.CodeUnknownCountry] || !codes[place.CodeUnknownGroup] {
		t.Errorf("With does not report both mistakes: %v", err)
	}
	if _, err := table.Scheme("nobody"); len(fault.Of(err)) != 1 || fault.Of(err)[0].Code != place.CodeUnknownScheme {
		t.Errorf("Scheme(nobody) = %v", err)
	}
}

// Every name in the conflict file's country column finds a country, the 990 rows without a code included.
func TestNamesOfTheConflictFile(t *testing.T) {
	root := os.Getenv("WAYMARK_REFERENCE")
	if root == "" {
		t.Skip("WAYMARK_REFERENCE is not set: TestNamesOfTheConflictFile skipped")
	}
	f, err := os.Open(filepath.Join(root, "data", "conflict", "ucdp-country-year-indicators-1989-2018.csv"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	rows, err := csv.NewReader(f).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	unknown := map[string]bool{}
	for _, row := range rows[1:] {
		c, ok := place.Countries().ByName(row[2])
		if !ok {
			unknown[row[2]] = true
		} else if row[5] != "" && row[5] != c.ISO3 {
			t.Errorf("%q has code %s there and is %s here", row[2], row[5], c.ISO3)
		}
	}
	if len(unknown) > 0 {
		t.Errorf("no country found for %v", unknown)
	}
}

func TestCodesAgreeWithUNHCR(t *testing.T) {
	root := os.Getenv("WAYMARK_REFERENCE")
	if root == "" {
		t.Skip("WAYMARK_REFERENCE is not set: TestCodesAgreeWithUNHCR skipped")
	}
	f, err := os.Open(filepath.Join(root, "data", "geography", "unhcr-country-list.csv"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	rows, err := csv.NewReader(f).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	for _, row := range rows[1:] {
		c, ok := place.Countries().ByISO3(row[0])
		if ok && c.UNHCR != row[1] {
			t.Errorf("UNHCR code of %s is %q here and %q there", c.ISO3, c.UNHCR, row[1])
		}
		if by, found := place.Countries().ByName(row[2]); ok && (!found || by.ISO3 != row[0]) {
			t.Errorf("ByName(%q) = %q, want %s", row[2], by.ISO3, row[0])
		}
	}
}

func FuzzByName(f *testing.F) {
	for _, seed := range []string{"Mali", "DR Congo (Zaire)", "l'Algérie", "\xff\x00", strings.Repeat("a", 300)} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, name string) {
		c, ok := place.Countries().ByName(name)
		if strings.Contains(name, ",") {
			return // the comma says that the name is turned round, and folding takes it off
		}
		if again, same := place.Countries().ByName(names.Fold(name)); ok && (!same || again.ISO3 != c.ISO3) {
			t.Errorf("ByName(%q) finds %s, its folded form %q", name, c.ISO3, again.ISO3)
		}
		for _, s := range place.Countries().Suggest(name, 4) {
			if s.Likeness < 0 || s.Likeness > 1 || s.Country.ISO3 == "" {
				t.Errorf("Suggest(%q) gives %+v", name, s)
			}
		}
	})
}

func FuzzRead(f *testing.F) {
	f.Add("h,h,h,h,h,h,h,h,h\nNAM,NA,516,NAM,565,Namibia,Namibie,002,\n", "h,h,h,h\n002,region,Africa,Afrique\n", "h,h,h,h,h\ns,a,A,A,002 NAM\n")
	f.Add("", "", "")
	f.Fuzz(func(t *testing.T, countries, regions, schemes string) {
		table, err := place.Read(strings.NewReader(countries), strings.NewReader(regions), strings.NewReader(schemes))
		if err != nil {
			return
		}
		for _, c := range table.All() {
			if got, ok := table.ByISO3(c.ISO3); ok && got.ISO3 != c.ISO3 {
				t.Errorf("%q finds %q", c.ISO3, got.ISO3)
			}
		}
		for _, name := range table.SchemeNames() {
			if _, err := table.Scheme(name); err != nil && !strings.HasPrefix(name, "m49") {
				t.Errorf("scheme %q of the file: %v", name, err)
			}
		}
	})
}
