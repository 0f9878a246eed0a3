package place

import (
	"fmt"
	"slices"
	"strings"

	"waymark/fault"
)

// Group is one group of countries of a scheme.
type Group struct {
	Code    string
	English string
	French  string
}

// Name gives the group's name in a language.
func (g Group) Name(tag string) string { return named(tag, g.English, g.French) }

// Labels gives the names by language tag.
func (g Group) Labels() map[string]string { return map[string]string{"en": g.English, "fr": g.French} }

// Scheme is a way to group countries. Agencies' schemes disagree (Mauritania, Sudan, the Islamic Republic of
// Iran, Türkiye), so an analysis names the one it uses.
type Scheme struct {
	Name   string
	groups []Group
	of     map[string]int
}

// Groups gives the groups in the order of the scheme. The caller must not change it.
func (s *Scheme) Groups() []Group { return s.groups }

// Of gives the group of a country by its ISO3 code.
func (s *Scheme) Of(iso3 string) (Group, bool) {
	i, ok := s.of[upper(iso3)]
	if !ok {
		return Group{}, false
	}
	return s.groups[i], true
}

// CodeUnknownGroup and CodeUnknownCountry are what can be wrong with the changes of With.
const (
	CodeUnknownGroup   fault.Code = "place.unknown-group"
	CodeUnknownCountry fault.Code = "place.unknown-country"
	CodeUnknownScheme  fault.Code = "place.unknown-scheme"
)

// With gives a scheme with some countries moved: ISO3 code to group code. The scheme itself stays. Every
// country or group it does not know is an issue, with the code in Args ("code") and the groups there are.
func (s *Scheme) With(t *Table, moves map[string]string) (*Scheme, error) {
	out := &Scheme{Name: s.Name, groups: s.groups, of: make(map[string]int, len(s.of))}
	for iso3, i := range s.of {
		out.of[iso3] = i
	}
	codes := make([]string, len(s.groups))
	for i, g := range s.groups {
		codes[i] = g.Code
	}
	var issues fault.Issues
	for _, iso3 := range sortedKeys(moves) {
		c, known := t.ByISO3(iso3)
		if !known {
			issues = append(issues, fault.Issue{Code: CodeUnknownCountry, Args: map[string]any{"code": iso3}})
			continue
		}
		i := slices.Index(codes, moves[iso3])
		if i < 0 {
			issues = append(issues, fault.Issue{Code: CodeUnknownGroup,
				Args: map[string]any{"code": moves[iso3], "groups": strings.Join(codes, ", ")}})
			continue
		}
		out.of[c.ISO3] = i
	}
	if err := issues.Err(); err != nil {
		return nil, err
	}
	return out, nil
}

// SchemeNames gives the names Scheme takes: the three M49 levels and the schemes of the table.
func (t *Table) SchemeNames() []string {
	out := []string{"m49-region", "m49-subregion", "m49-intermediate"}
	for _, row := range t.schemes {
		if !slices.Contains(out, row.scheme) {
			out = append(out, row.scheme)
		}
	}
	return out
}

// Scheme gives a scheme by name: "m49-region" (continents), "m49-subregion", "m49-intermediate" (the
// intermediate region where there is one, else the subregion: Western Africa, Northern Africa, Southern Asia),
// or a scheme of schemes.csv ("survey-regions", "origin"). An unknown name is an issue that lists the names.
func (t *Table) Scheme(name string) (*Scheme, error) {
	levels := map[string]int{"m49-region": 0, "m49-subregion": 1, "m49-intermediate": 2}
	if depth, ok := levels[name]; ok {
		return t.m49Scheme(name, depth), nil
	}
	s := &Scheme{Name: name, of: map[string]int{}}
	single := map[string]int{}
	for _, row := range t.schemes {
		if row.scheme != name {
			continue
		}
		g := len(s.groups)
		s.groups = append(s.groups, row.group)
		for _, member := range row.members {
			if _, region := t.byRegion[member]; !region {
				single[member] = g
				continue
			}
			for _, c := range t.countries {
				if c.In(member) {
					s.of[c.ISO3] = g
				}
			}
		}
	}
	for iso3, g := range single {
		s.of[iso3] = g
	}
	if len(s.groups) == 0 {
		return nil, fault.Issue{Code: CodeUnknownScheme, Kind: fault.NotFound,
			Args: map[string]any{"code": name, "schemes": strings.Join(t.SchemeNames(), ", ")}}
	}
	return s, nil
}

func (t *Table) m49Scheme(name string, depth int) *Scheme {
	s := &Scheme{Name: name, of: map[string]int{}}
	at := map[string]int{}
	for _, r := range t.regions {
		used := false
		for _, c := range t.countries {
			if len(c.Regions) == 0 || c.Regions[min(depth, len(c.Regions)-1)] != r.M49 {
				continue
			}
			used = true
			at[r.M49] = len(s.groups)
			s.of[c.ISO3] = len(s.groups)
		}
		if used {
			s.groups = append(s.groups, Group{Code: r.M49, English: r.English, French: r.French})
		}
	}
	return s
}

type schemeRow struct {
	scheme  string
	group   Group
	members []string // M49 region codes and ISO3 codes; a country named alone goes before its region
}

func (t *Table) addScheme(cells []string) error {
	row := schemeRow{scheme: cells[0], group: Group{Code: cells[1], English: cells[2], French: cells[3]}, members: strings.Fields(cells[4])}
	for _, member := range row.members {
		_, region := t.byRegion[member]
		_, country := t.byISO3[member]
		if !region && !country {
			return fmt.Errorf("member %q is neither a region nor a country", member)
		}
	}
	t.schemes = append(t.schemes, row)
	return nil
}

func sortedKeys(m map[string]string) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}
