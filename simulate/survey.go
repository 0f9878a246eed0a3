package simulate

import (
	"fmt"
	"math/rand/v2"

	"waymark/dataset"
)

// Notice is the value of the column "simulated" in every row of interviews drawn here, ConflictNotice in
// every row of the invented conflict figures: they tell nothing of what happened in any country.
const (
	Notice         = "simulated-contains-nobody"
	ConflictNotice = "simulated-no-real-events"
)

// FlowSurvey draws flow monitoring survey interviews of invented people. Build one with NewFlowSurvey; it
// is not safe for use by several goroutines.
type FlowSurvey struct {
	random     *rand.Rand
	rows       int
	drawn      int
	mixes      [routes]mixes
	departures map[string]float64 // intercept of each country of departure
	locations  []float64          // of each site
	conflicts  map[string]map[int]conflictYear

	solvedAny      [5]float64
	solvedViolence [3]float64
}

// NewFlowSurvey prepares a survey of some number of rows. The same source state gives the same survey.
func NewFlowSurvey(source rand.Source, rows int) *FlowSurvey {
	s := &FlowSurvey{random: rand.New(source), rows: rows, departures: map[string]float64{}}
	s.mixes[eastern], s.mixes[central] = mixOf(eastern), mixOf(central)
	for _, iso := range departureCountries() {
		s.departures[iso] = sdDeparture * s.random.NormFloat64()
	}
	for range sites {
		s.locations = append(s.locations, sdLocation*s.random.NormFloat64())
	}
	s.conflicts = drawConflicts(s.random, departureCountries(), lastYear)
	s.calibrate(s.random)
	return s
}

// The indicators, in the order of their columns. The first four make the set of 2017.
var itemNames = []string{"unpaid_work", "forced_work", "held", "marriage_offer", "violence"}

const (
	unpaid = iota
	forced
	held
	marriage
	violence
	items
)

// answers are what happened to a person and how it was answered.
type answers struct {
	consent, first, recent bool
	own, family            [items]answer
	place                  [items]int // index into eventPlaces of the route, -1: does not apply
	placeUnknown           [items]bool
	exploited              bool // the truth, which no column holds
}

// answer is yes, no, or why there is none.
type answer struct {
	yes     bool
	missing dataset.Missing
}

// Next draws the next interviews, at most n, as a table; nil when all rows are drawn.
func (s *FlowSurvey) Next(n int) *dataset.Table {
	n = min(n, s.rows-s.drawn)
	if n <= 0 {
		return nil
	}
	w := newSheet()
	for range n {
		s.drawn++
		p := s.draw(s.random)
		w.row(s.drawn, p, s.answer(p, s.random), s.random)
	}
	return w.table()
}

// answer draws what happened to a person and what the interview noted of it.
func (s *FlowSurvey) answer(p person, r *rand.Rand) answers {
	a := answers{consent: r.Float64() >= 0.025, first: r.Float64() >= 0.02, recent: r.Float64() >= 0.012}
	a.exploited = r.Float64() < logistic(s.pull(p)+dot(freeAny(p), s.solvedAny[:]))
	if a.exploited {
		s.drawIndicators(p, &a, r)
	}
	eta := s.violenceBase(p) + dot(freeViolence(p), s.solvedViolence[:])
	if a.exploited {
		eta += violencePull
	}
	a.own[violence].yes = r.Float64() < logistic(eta)
	for k := range items {
		a.family[k] = s.familyAnswer(p, a.own[k].yes, r)
		a.place[k] = -1
		if a.own[k].yes {
			a.place[k] = s.mixes[p.route].place.pick(r)
			a.placeUnknown[k] = r.Float64() < 0.03
		}
	}
	silence(p, &a, r)
	return a
}

// drawIndicators picks which of the four indicators an exploited person met: independent draws, again until
// there is at least one. Men meet work and detention more often, women offers of marriage.
func (s *FlowSurvey) drawIndicators(p person, a *answers, r *rand.Rand) {
	q := [4]float64{unpaid: 0.36, forced: 0.18, held: 0.31, marriage: 0.05}
	if p.route == central {
		q = [4]float64{unpaid: 0.67, forced: 0.49, held: 0.66, marriage: 0.02}
	}
	for {
		none := true
		for k := range 4 {
			share := q[k]
			if p.sex == 0 {
				share *= 0.8
				if k == marriage {
					share = q[k] * 4
				}
			}
			a.own[k].yes = r.Float64() < share
			none = none && !a.own[k].yes
		}
		if !none {
			return
		}
	}
}

// Chances that family met what a question names: of those who did not meet it themselves, and of those who
// did. IOM counted 1 to 1.4 points of people for whom only family answers add a yes.
const (
	familyAlone = 0.0065
	familyToo   = 0.35
)

// familyAnswer is the same question on family travelling along; it does not apply to those without.
func (s *FlowSurvey) familyAnswer(p person, own bool, r *rand.Rand) answer {
	if travelNames[p.travel] != "family" {
		return answer{missing: dataset.NotApplicable}
	}
	share := familyAlone
	if own {
		share = familyToo
	}
	return answer{yes: r.Float64() < share}
}

func monthName(m int) string {
	if m == 0 {
		return "2015-12"
	}
	return fmt.Sprintf("2016-%02d", m)
}
