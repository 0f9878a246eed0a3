package simulate

import (
	"math/rand/v2"

	"waymark/dataset"
)

// sheet collects rows as columns.
type sheet struct {
	order    []string
	builders map[string]*dataset.Builder
}

func newSheet() *sheet {
	w := &sheet{builders: map[string]*dataset.Builder{}}
	w.category("simulated", []string{Notice})
	w.number("interview")
	w.category("survey_month", nil)
	w.category("interview_country", nil)
	w.category("location", nil)
	w.category("route", routeNames[:])
	for _, n := range []string{"consent", "first_time", "arrived_within_year"} {
		w.category(n, yesNames)
	}
	w.category("nationality", nil)
	w.category("departure_country", nil)
	w.number("departure_year")
	w.category("sex", sexNames)
	w.number("age")
	w.category("age_group", ageNames)
	w.category("education", educationNames)
	w.category("marital", maritalNames)
	w.category("travel", travelNames)
	w.category("duration", durationNames)
	w.category("cost", costNames)
	w.category("reason", reasonNames)
	w.category("relatives_destination", relativesNames)
	w.category("camp_stay", yesNames)
	w.category("conflict", yesNames)
	for _, n := range itemNames {
		w.category(n, yesNames)
		w.category(n+"_family", yesNames)
		w.category(n+"_country", nil)
	}
	w.number("exploited")
	return w
}

func (w *sheet) category(name string, levels []string) {
	f := dataset.Field{Name: name, Kind: dataset.Category, Class: classOf(name)}
	for _, l := range levels {
		f.Levels = append(f.Levels, dataset.Level{Code: l})
	}
	w.add(name, f)
}

func (w *sheet) number(name string) {
	w.add(name, dataset.Field{Name: name, Kind: dataset.Number, Class: classOf(name)})
}

func (w *sheet) add(name string, f dataset.Field) {
	w.order = append(w.order, name)
	w.builders[name] = dataset.NewBuilder(f)
}

// classOf gives trafficking answers the class that real ones would have.
func classOf(name string) dataset.Sensitivity {
	for _, n := range append([]string{"exploited"}, itemNames...) {
		if len(name) >= len(n) && name[:len(n)] == n {
			return dataset.Restricted
		}
	}
	return dataset.Internal
}

// row appends one interview. A person who does not consent is asked nothing more.
func (w *sheet) row(n int, p person, a answers, r *rand.Rand) {
	w.builders["simulated"].Level(Notice)
	w.builders["interview"].Number(float64(n))
	w.builders["survey_month"].Level(monthName(p.month))
	w.builders["interview_country"].Level(sites[p.site].country)
	w.builders["location"].Level(sites[p.site].code)
	w.builders["route"].Code(int(p.route))
	w.builders["consent"].Code(int(number(a.consent)))
	asked := a.consent
	put := func(name string, code int) {
		b := w.builders[name]
		m := silenceOf(name, p, &a).draw(r)
		switch {
		case !asked:
			b.Missing(dataset.NotAsked)
		case m != dataset.Present:
			b.Missing(m)
		default:
			b.Code(code)
		}
	}
	text := func(name, value string) {
		if !asked {
			w.builders[name].Missing(dataset.NotAsked)
			return
		}
		w.builders[name].Level(value)
	}
	count := func(name string, value float64) {
		if !asked {
			w.builders[name].Missing(dataset.NotAsked)
			return
		}
		w.builders[name].Number(value)
	}
	put("first_time", int(number(a.first)))
	put("arrived_within_year", int(number(a.recent)))
	text("nationality", countries[p.nationality].iso)
	text("departure_country", p.departure)
	count("departure_year", float64(p.year))
	put("sex", p.sex)
	count("age", float64(p.age))
	put("age_group", p.ageGroup)
	put("education", p.education)
	put("marital", p.marital)
	put("travel", p.travel)
	put("duration", p.duration)
	put("cost", p.cost)
	put("reason", p.reason)
	put("relatives_destination", p.relatives)
	put("camp_stay", p.camp)
	put("conflict", p.conflict)
	for k, name := range itemNames {
		w.answer(name, a.own[k])
		w.answer(name+"_family", a.family[k])
		w.where(name+"_country", p, a, k)
	}
	w.exploited(a)
}

func (w *sheet) answer(name string, a answer) {
	if a.missing != dataset.Present {
		w.builders[name].Missing(a.missing)
		return
	}
	w.builders[name].Code(int(number(a.yes)))
}

func (w *sheet) where(name string, p person, a answers, k int) {
	b := w.builders[name]
	switch {
	case a.own[k].missing == dataset.NotAsked:
		b.Missing(dataset.NotAsked)
	case a.own[k].missing != dataset.Present || !a.own[k].yes:
		b.Missing(dataset.NotApplicable)
	case a.placeUnknown[k]:
		b.Missing(dataset.Unknown)
	default:
		b.Level(eventPlaces[p.route][a.place[k]].iso)
	}
}

// exploited is what the answers show: yes with any yes of the four, no with four times no, else no value.
func (w *sheet) exploited(a answers) {
	known := true
	for k := range 4 {
		if a.own[k].missing != dataset.Present {
			known = false
			continue
		}
		if a.own[k].yes {
			w.builders["exploited"].Number(1)
			return
		}
	}
	if known {
		w.builders["exploited"].Number(0)
		return
	}
	if !a.consent {
		w.builders["exploited"].Missing(dataset.NotAsked)
		return
	}
	w.builders["exploited"].Missing(dataset.Unknown)
}

func (w *sheet) table() *dataset.Table {
	t := &dataset.Table{Name: "flow-survey"}
	for _, n := range w.order {
		t.Columns = append(t.Columns, w.builders[n].Column())
	}
	return t
}

// Answers names the columns that can lack a value.
func (s *FlowSurvey) Answers() []string { return answersOf(newSheet()) }

func answersOf(w *sheet) []string {
	var out []string
	for _, n := range w.order {
		switch n {
		case "simulated", "interview", "survey_month", "interview_country", "location", "route", "consent":
		default:
			out = append(out, n)
		}
	}
	return out
}

// MissingCodes are the codes that stand for the kinds of missing in the files drawn here.
func MissingCodes() map[dataset.Missing]string {
	return map[dataset.Missing]string{
		dataset.Unknown: "dnk", dataset.Refused: "pnta", dataset.NotAsked: "not_asked", dataset.NotApplicable: "na", dataset.Empty: "",
	}
}
