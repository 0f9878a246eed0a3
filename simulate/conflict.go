package simulate

import (
	"math"
	"math/rand/v2"
	"slices"

	"waymark/dataset"
)

// The years of departure that can occur; the last is that of the survey of the Mediterranean routes.
const (
	firstYear = 2010
	lastYear  = 2016
)

// conflictYear is an invented measure of conflict in one country and year.
type conflictYear struct {
	deaths int // battle deaths
	events int // events for 100,000 inhabitants, times ten
}

// drawConflicts invents conflict by country and year. It says nothing of the real history of any country:
// whether a country has conflict is drawn, so that no reader can take it for fact. from are the countries of
// departure in fixed order, last the last year of departure.
func drawConflicts(r *rand.Rand, from []string, last int) map[string]map[int]conflictYear {
	out := map[string]map[int]conflictYear{}
	for _, iso := range from {
		level := r.Float64()
		years := map[int]conflictYear{}
		for y := firstYear; y <= last; y++ {
			var c conflictYear
			switch u := r.Float64(); {
			case level < 0.30: // a lasting conflict
				c.deaths = int(math.Exp(5 + 2.2*u))
			case level < 0.55 && u < 0.5: // in some years
				c.deaths = 20 + int(200*u)
			case u < 0.3:
				c.deaths = int(20 * u)
			}
			c.events = int(math.Sqrt(float64(c.deaths))*2) + r.IntN(3)
			years[y] = c
		}
		out[iso] = years
	}
	return out
}

// departureCountries lists every country of departure in fixed order.
func departureCountries() []string {
	var list []string
	for _, c := range countries {
		list = append(list, c.iso)
		list = append(list, c.abroad...)
	}
	slices.Sort(list)
	return slices.Compact(list)
}

// conflictIn says whether the invented country-year has 25 battle deaths or more.
func (s *FlowSurvey) conflictIn(iso string, year int) bool {
	return s.conflicts[iso][year].deaths >= 25
}

// Conflicts gives the invented conflict figures by country and year that the interviews were drawn with:
// columns simulated (ConflictNotice), country (ISO 3166 alpha-3), year, battle_deaths, events_per_100000.
func (s *FlowSurvey) Conflicts() *dataset.Table {
	return conflictTable(s.conflicts, departureCountries(), lastYear)
}

func conflictTable(conflicts map[string]map[int]conflictYear, from []string, last int) *dataset.Table {
	made := dataset.NewBuilder(dataset.Field{Name: "simulated", Kind: dataset.Category})
	country := dataset.NewBuilder(dataset.Field{Name: "country", Kind: dataset.Category})
	year := dataset.NewBuilder(dataset.Field{Name: "year", Kind: dataset.Number})
	deaths := dataset.NewBuilder(dataset.Field{Name: "battle_deaths", Kind: dataset.Number})
	events := dataset.NewBuilder(dataset.Field{Name: "events_per_100000", Kind: dataset.Number})
	for _, iso := range from {
		for y := firstYear; y <= last; y++ {
			c := conflicts[iso][y]
			made.Level(ConflictNotice)
			country.Level(iso)
			year.Number(float64(y))
			deaths.Number(float64(c.deaths))
			events.Number(float64(c.events) / 10)
		}
	}
	return table("simulated-conflict", made, country, year, deaths, events)
}

func table(name string, builders ...*dataset.Builder) *dataset.Table {
	t := &dataset.Table{Name: name}
	for _, b := range builders {
		t.Columns = append(t.Columns, b.Column())
	}
	return t
}
