package simulate

import (
	"fmt"
	"math/rand/v2"

	"waymark/dataset"
)

var (
	hardshipNames = []string{"lack_money", "hunger", "no_shelter"}
	feelsNames    = []string{"safe", "neither", "unsafe"}
	onwardNames   = []string{"stay", "move_on", "return", "undecided"}
)

// transitSheet collects rows of a TransitSurvey as columns.
type transitSheet struct{ *sheet }

func newTransitSheet() transitSheet {
	w := transitSheet{&sheet{builders: map[string]*dataset.Builder{}}}
	w.category("simulated", []string{Notice})
	w.number("interview")
	for _, n := range []string{"survey_month", "interview_country", "location"} {
		w.category(n, nil)
	}
	w.category("route", transitTraits[traitRoute].levels)
	w.category("consent", yesNames)
	w.category("first_time", yesNames)
	for _, n := range []string{"nationality", "departure_country", "destination_country"} {
		w.category(n, nil)
	}
	w.number("departure_year")
	w.number("age")
	for k, t := range transitTraits {
		if k != traitRoute && k != traitHeading {
			w.category(t.name, t.levels)
		}
	}
	for _, n := range hardshipNames {
		w.category(n, yesNames)
	}
	for _, n := range itemNames {
		w.category(n, yesNames)
		w.category(n+"_family", yesNames)
		w.category(n+"_country", nil)
	}
	w.category("feels_here", feelsNames)
	w.category("onward", onwardNames)
	return w
}

// row appends one interview. A person who does not consent is asked nothing more.
func (w transitSheet) row(n int, p traveller, h happened, r *rand.Rand) {
	w.builders["simulated"].Level(Notice)
	w.builders["interview"].Number(float64(n))
	w.builders["survey_month"].Level(fmt.Sprintf("%d-%02d", transitYear, p.month+1))
	w.builders["interview_country"].Level(transitPoints[p.point].country)
	w.builders["location"].Level(transitPoints[p.point].code)
	w.builders["route"].Code(p.at[traitRoute])
	w.builders["consent"].Code(int(number(h.consent)))
	put := func(name string, out rates, level func(b *dataset.Builder)) {
		b, m := w.builders[name], out.draw(r)
		switch {
		case !h.consent:
			b.Missing(dataset.NotAsked)
		case m != dataset.Present:
			b.Missing(m)
		default:
			level(b)
		}
	}
	code := func(k int) func(*dataset.Builder) { return func(b *dataset.Builder) { b.Code(k) } }
	text := func(v string) func(*dataset.Builder) { return func(b *dataset.Builder) { b.Level(v) } }
	count := func(v int) func(*dataset.Builder) { return func(b *dataset.Builder) { b.Number(float64(v)) } }
	put("first_time", always, code(int(number(h.first))))
	put("nationality", always, text(transitCountries[p.nationality].iso))
	put("departure_country", always, text(p.departure))
	put("destination_country", plain, text(p.destination))
	put("departure_year", always, count(p.year))
	put("age", always, count(p.age))
	for k, t := range transitTraits {
		if k != traitRoute && k != traitHeading {
			put(t.name, t.missing, code(p.at[k]))
		}
	}
	for k, name := range hardshipNames {
		w.answer(name, h.hardship[k])
	}
	for k, name := range itemNames {
		w.answer(name, h.own[k])
		w.answer(name+"_family", h.family[k])
		w.where(name+"_country", h, k)
	}
	put("feels_here", rates{refused: 0.02, unknown: 0.01, empty: blank}, code(h.feels))
	put("onward", rates{refused: 0.01, unknown: 0.01, empty: blank}, code(h.onward))
}

func (w transitSheet) where(name string, h happened, k int) {
	b := w.builders[name]
	switch {
	case h.own[k].missing == dataset.NotAsked:
		b.Missing(dataset.NotAsked)
	case h.own[k].missing != dataset.Present || !h.own[k].yes:
		b.Missing(dataset.NotApplicable)
	case h.placeUnknown[k]:
		b.Missing(dataset.Unknown)
	default:
		b.Level(transitPlaces[h.place[k]])
	}
}

// Answers names the columns that can lack a value.
func (s *TransitSurvey) Answers() []string { return answersOf(newTransitSheet().sheet) }

// TransitTruth is what a TransitSurvey was drawn with, written beside it.
type TransitTruth struct {
	Notice     string                        `json:"notice"`
	Region     string                        `json:"region"`
	Rows       int                           `json:"rows"`
	Outcomes   map[string]string             `json:"outcomes"`
	Exploited  map[string]map[string]float64 `json:"exploited_log_odds_ratios"` // by question and level
	Hardship   map[string]map[string]float64 `json:"hardship_log_odds_ratios"`
	Unsafe     map[string]float64            `json:"unsafe_log_odds_ratios"`
	Onward     map[string]float64            `json:"onward_log_odds_ratios"`
	Violence   map[string]float64            `json:"violence_log_odds_ratios"`
	Intercepts map[string]float64            `json:"intercepts"`
	SD         map[string]float64            `json:"sd"`
	Departures map[string]float64            `json:"departure_country_intercepts"`
	Locations  map[string]float64            `json:"location_intercepts"`
	FeelUnsafe map[string]float64            `json:"interview_country_unsafe_intercepts"`
	MoveOn     map[string]float64            `json:"interview_country_onward_intercepts"`
}

// Truth gives the parameters of the survey.
func (s *TransitSurvey) Truth() TransitTruth {
	t := TransitTruth{
		Notice: Notice, Region: "west-central-africa", Rows: s.rows,
		Outcomes: map[string]string{
			"exploited": "at least one of unpaid_work, forced_work, held, marriage_offer (own experience)",
			"hardship":  "at least one of lack_money, hunger, no_shelter",
			"unsafe":    "feels_here is unsafe",
			"onward":    "onward is move_on",
			"violence":  "half the log odds ratios and the group intercepts of exploited, and exploited itself",
		},
		Exploited: map[string]map[string]float64{}, Hardship: map[string]map[string]float64{},
		Unsafe: map[string]float64{"hardship": unsafeHard, "exploited": unsafeExploited},
		Onward: map[string]float64{"unsafe": onwardUnsafe}, Violence: map[string]float64{"exploited": violencePull},
		Intercepts: map[string]float64{"exploited": exploitedIntercept, "hardship": hardIntercept, "violence": violenceIntercept, "unsafe": unsafeIntercept, "onward": onwardIntercept},
		SD: map[string]float64{"departure_country": sdTransit, "location": sdTransit, "hardship_departure_country": sdTransit / 2,
			"hardship_location": sdTransit / 2, "interview_country_unsafe": sdUnsafe, "interview_country_onward": sdLeaving},
		Departures: s.departures, Locations: map[string]float64{}, FeelUnsafe: s.unsafe, MoveOn: s.leaving,
	}
	for _, x := range transitTraits {
		t.Exploited[x.name], t.Hardship[x.name] = named(x.levels, x.exploited), named(x.levels, x.hard)
	}
	for i, v := range s.locations {
		t.Locations[transitPoints[i].code] = v
	}
	return t
}
