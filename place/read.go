package place

import (
	"bytes"
	_ "embed"
	"encoding/csv"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"sync"

	"waymark/fault"
	"waymark/names"
)

//go:embed countries.csv
var countriesCSV []byte

//go:embed regions.csv
var regionsCSV []byte

//go:embed schemes.csv
var schemesCSV []byte

// Countries gives the table compiled into the program.
func Countries() *Table { return countries() }

var countries = sync.OnceValue(func() *Table {
	t, err := Read(bytes.NewReader(countriesCSV), bytes.NewReader(regionsCSV), bytes.NewReader(schemesCSV))
	if err != nil {
		panic("place: the embedded country table does not read: " + err.Error())
	}
	return t
})

// Read builds a table from its three files (docs/formats/country-table.md). An error says file and row.
func Read(countries, regions, schemes io.Reader) (*Table, error) {
	t := &Table{byISO3: map[string]int{}, byISO2: map[string]int{}, byM49: map[string]int{}, byUNHCR: map[string]int{},
		byGW: map[int]int{}, byName: map[string]int{}, byRegion: map[string]int{}}
	if err := each(regions, "regions", 4, t.addRegion); err != nil {
		return nil, err
	}
	if err := each(countries, "countries", 9, t.addCountry); err != nil {
		return nil, err
	}
	if err := each(schemes, "schemes", 5, t.addScheme); err != nil {
		return nil, err
	}
	t.indexNames()
	return t, nil
}

// each calls add for every data row of a comma-separated file with a header.
func each(r io.Reader, file string, width int, add func([]string) error) error {
	reader := csv.NewReader(r)
	reader.FieldsPerRecord = width
	for row := 1; ; row++ {
		cells, err := reader.Read()
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return fmt.Errorf("read %s, row %d: %w: %w", file, row, err, fault.Invalid)
		}
		if row == 1 {
			continue
		}
		if err := add(cells); err != nil {
			return fmt.Errorf("read %s, row %d: %w: %w", file, row, err, fault.Invalid)
		}
	}
}

func (t *Table) addRegion(cells []string) error {
	levels := map[string]Level{"world": World, "region": Continental, "subregion": Subregion, "intermediate": Intermediate}
	level, ok := levels[cells[1]]
	if !ok {
		return fmt.Errorf("level %q is not world, region, subregion or intermediate", cells[1])
	}
	if err := index(t.byRegion, cells[0], len(t.regions)); err != nil {
		return err
	}
	t.regions = append(t.regions, Region{M49: cells[0], Level: level, English: cells[2], French: cells[3]})
	return nil
}

func (t *Table) addCountry(cells []string) error {
	c := Country{ISO3: cells[0], ISO2: cells[1], M49: cells[2], UNHCR: cells[3], English: cells[5], French: cells[6],
		Regions: strings.Fields(cells[7])}
	if c.English == "" || c.French == "" {
		return fmt.Errorf("country %s lacks a name", c.ISO3)
	}
	if cells[8] != "" {
		c.Other = strings.Split(cells[8], "|")
	}
	for _, code := range c.Regions {
		if _, ok := t.byRegion[code]; !ok {
			return fmt.Errorf("region %q of %s is not in the regions file", code, c.ISO3)
		}
	}
	i := len(t.countries)
	if cells[4] != "" {
		number, err := strconv.Atoi(cells[4])
		if err != nil {
			return fmt.Errorf("Gleditsch-Ward number of %s: %w", c.ISO3, err)
		}
		c.GW = number
		if err := index(t.byGW, number, i); err != nil {
			return err
		}
	}
	for _, code := range []struct {
		index map[string]int
		value string
	}{{t.byISO3, c.ISO3}, {t.byISO2, c.ISO2}, {t.byM49, c.M49}, {t.byUNHCR, c.UNHCR}} {
		if code.value == "" {
			continue
		}
		if err := index(code.index, code.value, i); err != nil {
			return err
		}
	}
	if c.ISO3 == "" {
		return fmt.Errorf("a country without ISO3")
	}
	t.countries = append(t.countries, c)
	return nil
}

func index[K comparable](m map[K]int, key K, i int) error {
	if _, twice := m[key]; twice {
		return fmt.Errorf("code %v stands twice", key)
	}
	m[key] = i
	return nil
}

// indexNames lets a country's own names win over others' further names; what two countries claim alike
// belongs to neither.
func (t *Table) indexNames() {
	own := map[string]bool{}
	for i, c := range t.countries {
		for _, name := range []string{c.English, c.French} {
			key := names.Fold(name)
			own[key] = true
			t.byName[key] = i
		}
	}
	for i, c := range t.countries {
		t.folded = append(t.folded, []string{names.Fold(c.English), names.Fold(c.French)})
		for _, name := range c.Other {
			key := names.Fold(name)
			t.folded[i] = append(t.folded[i], key)
			if was, taken := t.byName[key]; taken && was != i && !own[key] {
				t.byName[key] = -1
			} else if !taken {
				t.byName[key] = i
			}
		}
	}
	slices.SortFunc(t.regions, func(a, b Region) int { return strings.Compare(a.M49, b.M49) })
	for i, r := range t.regions {
		t.byRegion[r.M49] = i
	}
}
