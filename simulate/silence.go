package simulate

import (
	"math/rand/v2"

	"waymark/dataset"
)

// rates are the chances that a question has no answer because it was refused, because the person does not
// know, and because the form was left blank. The other two kinds are not drawn: questions that do not apply
// (on family, to those without; where it happened, to whom nothing did), and questions that were not asked
// (everything of those who did not consent; one indicator on an early form).
type rates struct{ refused, unknown, empty float64 }

// blank is the chance that a paper form lacks an answer, paper how many times that at the sites that used
// paper forms.
const (
	blank = 0.002
	paper = 5
)

// silenceOf gives the rates of a question. None is at random: what is missing depends on what was
// experienced, on schooling and age, on sex, or on the site. docs/methods/simulation.md lists them.
func silenceOf(question string, p person, a *answers) rates {
	out := rates{empty: blank}
	if sites[p.site].paper {
		out.empty *= paper
	}
	switch question {
	case "first_time", "arrived_within_year", "sex", "age_group", "conflict":
		return rates{}
	case "education":
		out.refused, out.unknown = 0.006, 0.002
		if p.education == noSchooling {
			out.refused = 0.02
		}
	case "marital":
		out.refused = 0.008
	case "travel", "camp_stay":
		out.refused = 0.004
	case "duration":
		out.refused, out.unknown = 0.002, 0.008
		if p.duration == longest {
			out.unknown = 0.03
		}
	case "cost":
		out.refused, out.unknown = 0.012, 0.02
		if a.exploited {
			out.refused = 0.025
		}
		if p.education == noSchooling || p.age < 18 {
			out.unknown = 0.06
		}
	case "reason":
		out.refused, out.unknown = 0.006, 0.004
		if p.conflict == 1 {
			out.refused = 0.016
		}
	case "relatives_destination":
		out.refused, out.unknown = 0.01, 0.01
	}
	return out
}

// Codes of the answers that silenceOf looks at.
const (
	noSchooling = 1 // of educationNames
	longest     = 3 // of durationNames
)

// itemSilence gives the rates of an indicator: who met what it names refuses more often than who did not,
// and women refuse more often on violence.
func itemSilence(k int, p person, yes bool) rates {
	out := rates{refused: 0.008, unknown: 0.004, empty: blank}
	if yes {
		out.refused += 0.02
	}
	if k == violence && p.sex == 0 {
		out.refused += 0.012
	}
	if sites[p.site].paper {
		out.empty *= paper
	}
	return out
}

// silence draws why the answers to the indicators are missing.
func silence(p person, a *answers, r *rand.Rand) {
	for k := range items {
		out := itemSilence(k, p, a.own[k].yes)
		a.own[k].missing = out.draw(r)
		if a.family[k].missing == dataset.Present {
			out.unknown *= 3
			a.family[k].missing = out.draw(r)
		}
	}
	if sites[p.site].paper && p.month < earlyForm {
		a.own[marriage].missing, a.family[marriage].missing = dataset.NotAsked, dataset.NotAsked
	}
	if !a.consent {
		for k := range items {
			a.own[k].missing, a.family[k].missing = dataset.NotAsked, dataset.NotAsked
		}
	}
}

// earlyForm is the month from which the form of the sites with paper has every indicator.
const earlyForm = 2

func (s rates) draw(r *rand.Rand) dataset.Missing {
	switch u := r.Float64(); {
	case u < s.refused:
		return dataset.Refused
	case u < s.refused+s.unknown:
		return dataset.Unknown
	case u < s.refused+s.unknown+s.empty:
		return dataset.Empty
	}
	return dataset.Present
}
