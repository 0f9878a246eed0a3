package simulate

import (
	"math/rand/v2"
	"slices"

	"waymark/dataset"
)

// TransitSurvey draws flow monitoring survey interviews of invented people on the move in West and Central
// Africa, asked at points on the way. Build one with NewTransitSurvey; it is not safe for use by several
// goroutines.
//
// No share of it is calibrated: what IOM published of the region gives directions, not shares with their
// definition. Whatever could be taken for a fact about a country is drawn anew for each seed: how safe people feel
// in it, what happens in it, whether it has conflict.
type TransitSurvey struct {
	random     *rand.Rand
	rows       int
	drawn      int
	departures map[string]float64 // intercept of each country of departure
	locations  []float64          // of each point
	unsafe     map[string]float64 // of feeling unsafe, by country of interview
	leaving    map[string]float64 // of moving on, by country of interview
	places     drawing            // where events happen, of transitPlaces
	conflicts  map[string]map[int]conflictYear
	mixes      transitMixes
}

// NewTransitSurvey prepares a survey of some number of rows. The same source state gives the same survey.
func NewTransitSurvey(source rand.Source, rows int) *TransitSurvey {
	s := &TransitSurvey{random: rand.New(source), rows: rows, departures: map[string]float64{},
		unsafe: map[string]float64{}, leaving: map[string]float64{}, mixes: newTransitMixes()}
	for _, iso := range transitDepartures() {
		s.departures[iso] = sdTransit * s.random.NormFloat64()
	}
	for range transitPoints {
		s.locations = append(s.locations, sdTransit*s.random.NormFloat64())
	}
	for _, p := range transitPoints {
		if _, known := s.unsafe[p.country]; !known {
			s.unsafe[p.country] = sdUnsafe * s.random.NormFloat64()
			s.leaving[p.country] = sdLeaving * s.random.NormFloat64()
		}
	}
	w := make([]float64, len(transitPlaces))
	for i := range w {
		w[i] = 0.2 + 3*s.random.Float64()
	}
	s.places = weights(w...)
	s.conflicts = drawConflicts(s.random, transitDepartures(), transitYear)
	return s
}

// Conflicts gives the invented conflict figures that the interviews were drawn with, as FlowSurvey's does.
func (s *TransitSurvey) Conflicts() *dataset.Table {
	return conflictTable(s.conflicts, transitDepartures(), transitYear)
}

// transitDepartures lists every country of departure in fixed order.
func transitDepartures() []string {
	var list []string
	for _, c := range transitCountries {
		list = append(list, c.iso)
	}
	slices.Sort(list)
	return list
}

// happened is what a person met and how it was answered.
type happened struct {
	consent, first bool
	exploited      bool // the truth, as is hard
	hard           bool
	own, family    [items]answer
	place          [items]int
	placeUnknown   [items]bool
	hardship       [3]answer
	feels, onward  int
}

// Next draws the next interviews, at most n, as a table; nil when all rows are drawn.
func (s *TransitSurvey) Next(n int) *dataset.Table {
	n = min(n, s.rows-s.drawn)
	if n <= 0 {
		return nil
	}
	w := newTransitSheet()
	for range n {
		s.drawn++
		p := s.draw(s.random)
		w.row(s.drawn, p, s.happen(p, s.random), s.random)
	}
	t := w.table()
	t.Name = "transit-survey"
	return t
}

// happen draws what a person met on the way, how safe the person feels and what is to come.
func (s *TransitSurvey) happen(p traveller, r *rand.Rand) happened {
	h := happened{consent: r.Float64() >= 0.03, first: r.Float64() >= 0.025}
	group := s.departures[p.departure] + s.locations[p.point]
	h.exploited = r.Float64() < logistic(exploitedIntercept+p.pull(exploitedPulls)+group)
	h.hard = r.Float64() < logistic(hardIntercept+p.pull(hardPulls)+group/2)
	if h.exploited {
		q := [4]float64{unpaid: 0.55, forced: 0.30, held: 0.25, marriage: 0.05}
		if p.at[traitSex] == 0 {
			q[marriage] *= 4
		}
		for none := true; none; {
			for k := range q {
				h.own[k].yes = r.Float64() < q[k]
				none = none && !h.own[k].yes
			}
		}
	}
	eta := violenceIntercept + p.pull(exploitedPulls)/2 + group/2
	if h.exploited {
		eta += violencePull
	}
	h.own[violence].yes = r.Float64() < logistic(eta)
	for none := h.hard; none; {
		for k, share := range []float64{0.70, 0.55, 0.40} {
			h.hardship[k].yes = r.Float64() < share
			none = none && !h.hardship[k].yes
		}
	}
	for k := range items {
		h.family[k] = answer{missing: dataset.NotApplicable}
		if transitTraits[traitTravel].levels[p.at[traitTravel]] == "family" {
			share := familyAlone
			if h.own[k].yes {
				share = familyToo
			}
			h.family[k] = answer{yes: r.Float64() < share}
		}
		h.place[k] = -1
		if h.own[k].yes {
			h.place[k] = s.places.pick(r)
			h.placeUnknown[k] = r.Float64() < 0.03
		}
	}
	s.feel(p, &h, r)
	h.silence(r)
	return h
}

// feel draws how safe the person feels in the country of the interview and whether to move on from it.
func (s *TransitSurvey) feel(p traveller, h *happened, r *rand.Rand) {
	country := transitPoints[p.point].country
	unsafe := r.Float64() < logistic(unsafeIntercept+unsafeHard*number(h.hard)+unsafeExploited*number(h.exploited)+s.unsafe[country])
	switch {
	case unsafe:
		h.feels = 2
	case r.Float64() < 0.3:
		h.feels = 1
	}
	if r.Float64() < logistic(onwardIntercept+onwardUnsafe*number(unsafe)+s.leaving[country]) {
		h.onward = 1 // moves on
		return
	}
	h.onward = []int{0, 2, 3}[weights(60, 25, 15).pick(r)]
}

// silence draws why answers are missing: who met what an indicator names refuses more often.
func (h *happened) silence(r *rand.Rand) {
	for k := range items {
		out := rates{refused: 0.008, unknown: 0.004, empty: blank}
		if h.own[k].yes {
			out.refused += 0.02
		}
		h.own[k].missing = out.draw(r)
		if h.family[k].missing == dataset.Present {
			h.family[k].missing = out.draw(r)
		}
		if !h.consent {
			h.own[k].missing, h.family[k].missing = dataset.NotAsked, dataset.NotAsked
		}
	}
	for k := range h.hardship {
		h.hardship[k].missing = rates{refused: 0.004, unknown: 0.004, empty: blank}.draw(r)
		if !h.consent {
			h.hardship[k].missing = dataset.NotAsked
		}
	}
}
