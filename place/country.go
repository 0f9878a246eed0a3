package place

import (
	"slices"
	"strings"
)

// Country is a country, territory or area of statistical interest. Codes are text: M49 keeps its leading
// zeros, and Namibia's ISO2 is "NA". A code that a system does not give is empty.
type Country struct {
	M49     string   // three digits; empty for Kosovo, which the published list does not hold
	ISO2    string   // ISO 3166-1 alpha-2
	ISO3    string   // ISO 3166-1 alpha-3, and XKX, user-assigned, for Kosovo; the key of the table
	UNHCR   string   // the three letters of UNHCR's own list, which differ from ISO3 for some 90 countries
	GW      int      // Gleditsch-Ward number, as in UCDP's files; 0 where the list has none
	English string   // name in the UN's list
	French  string   // the same in French
	Regions []string // M49 regions from the widest (without the world): "002", "202", "011"
	Other   []string // further names, historical and in other lists
}

// Name gives the country's name in a language ("fr" and "fr-..." are French, everything else English).
func (c Country) Name(tag string) string { return named(tag, c.English, c.French) }

// Labels gives the names by language tag.
func (c Country) Labels() map[string]string {
	return map[string]string{"en": c.English, "fr": c.French}
}

// Region is an M49 region, subregion or intermediate region.
type Region struct {
	M49     string
	English string
	French  string
	Level   Level
}

// Level says how wide a region is.
type Level uint8

const (
	World        Level = iota // 001
	Continental               // Africa, Americas, Asia, Europe, Oceania
	Subregion                 // Sub-Saharan Africa, Northern Africa, Southern Asia, ...
	Intermediate              // Western Africa, Caribbean, ... : only within some subregions
)

// Name gives the region's name in a language.
func (r Region) Name(tag string) string { return named(tag, r.English, r.French) }

// Labels gives the names by language tag.
func (r Region) Labels() map[string]string { return map[string]string{"en": r.English, "fr": r.French} }

func named(tag, english, french string) string {
	if tag == "fr" || strings.HasPrefix(tag, "fr-") {
		return french
	}
	return english
}

// Table is a list of countries with its indexes. It does not change once read and may be shared.
type Table struct {
	countries []Country
	regions   []Region
	schemes   []schemeRow

	byISO3, byISO2, byM49, byUNHCR map[string]int
	byGW                           map[int]int
	byName                         map[string]int // folded name; ambiguous is -1
	folded                         [][]string     // every folded name of each country
	byRegion                       map[string]int
}

// All gives every country in the order of ISO3. The caller must not change it.
func (t *Table) All() []Country { return t.countries }

// Regions gives every region in the order of its code. The caller must not change it.
func (t *Table) Regions() []Region { return t.regions }

// ByISO3 finds a country by its three letters, in either case.
func (t *Table) ByISO3(code string) (Country, bool) { return pick(t, t.byISO3, upper(code)) }

// ByISO2 finds a country by its two letters, in either case; "NA" is Namibia.
func (t *Table) ByISO2(code string) (Country, bool) { return pick(t, t.byISO2, upper(code)) }

// ByM49 finds a country by its M49 number; lost leading zeros are put back ("4" is Afghanistan).
func (t *Table) ByM49(code string) (Country, bool) {
	code = strings.TrimSpace(code)
	if n := 3 - len(code); n > 0 && code != "" {
		code = strings.Repeat("0", n) + code
	}
	return pick(t, t.byM49, code)
}

// ByUNHCR finds a country by the code of UNHCR's list ("ALG" is Algeria, "ARE" is Egypt): never use it on ISO codes.
func (t *Table) ByUNHCR(code string) (Country, bool) { return pick(t, t.byUNHCR, upper(code)) }

// ByGW finds a country by its Gleditsch-Ward number, the numbers of UCDP's conflict files. Numbers of
// states that ended give the state that continues the seat: 345 (Yugoslavia) Serbia, 680 (South Yemen)
// Yemen, 817 (South Viet Nam) Viet Nam, 265 (German Democratic Republic) Germany, 511 (Zanzibar) the United
// Republic of Tanzania. 315 (Czechoslovakia) has two successors and gives none.
func (t *Table) ByGW(number int) (Country, bool) {
	if now, ended := successors[number]; ended {
		number = now
	}
	return pick(t, t.byGW, number)
}

var successors = map[int]int{265: 260, 345: 340, 511: 510, 680: 678, 817: 816}

// Region finds an M49 region by its code.
func (t *Table) Region(m49 string) (Region, bool) {
	i, ok := t.byRegion[m49]
	if !ok {
		return Region{}, false
	}
	return t.regions[i], true
}

// In says whether the country lies in the M49 region.
func (c Country) In(m49 string) bool { return m49 == "001" || slices.Contains(c.Regions, m49) }

func pick[K comparable](t *Table, index map[K]int, key K) (Country, bool) {
	i, ok := index[key]
	if !ok || i < 0 {
		return Country{}, false
	}
	return t.countries[i], true
}

func upper(code string) string { return strings.ToUpper(strings.TrimSpace(code)) }
