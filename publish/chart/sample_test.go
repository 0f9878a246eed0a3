package chart_test

import (
	"fmt"
	"math"
	"testing"

	"waymark/lang"
	"waymark/publish/chart"
	"waymark/release"
	"waymark/release/releasetest"
)

// The numbers of these samples are made up; they describe nobody.

func both(en, fr string) release.Labels { return release.Labels{"en": en, "fr": fr} }

func head(code, en, fr string) release.Head { return release.Head{Code: code, Labels: both(en, fr)} }

func printer(t testing.TB, tag string) *lang.Printer {
	t.Helper()
	p, err := lang.New(tag)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

var (
	dimLevel    = release.Dim{Name: "level", Labels: both("Level", "Niveau")}
	dimFactor   = release.Dim{Name: "factor", Labels: both("Factor", "Facteur")}
	dimCategory = release.Dim{Name: "category", Labels: both("Category", "Catégorie")}
)

// estimate is a ratio with an interval of a given width on the logarithmic scale.
func estimate(ratio, spread float64) release.DraftCell {
	return release.DraftCell{Value: ratio, Low: ratio * math.Exp(-spread), High: ratio * math.Exp(spread), Base: 5000, Events: -1}
}

var reference = release.DraftCell{None: true, Note: "reference"}

// oddsModels has the four levels of the determinants model and as many models as asked for; one estimate
// rests on four people and is withheld.
func oddsModels(models int) release.Draft {
	d := release.Draft{Key: "odds", Title: both("Odds ratios", "Rapports de cotes"), Dims: []release.Dim{dimLevel, dimFactor, dimCategory}}
	names := []release.Labels{both("Any indicator", "Au moins un indicateur"), both("Central Mediterranean route", "Route de la Méditerranée centrale"),
		both("Eastern Mediterranean route", "Route de la Méditerranée orientale")}
	for m := range models {
		d.Measures = append(d.Measures, release.Measure{Name: fmt.Sprintf("or%d", m), Labels: names[m], Form: release.Ratio, Ranged: true})
	}
	if models == 1 {
		d.Measures[0].Labels = both("Odds ratio", "Rapport de cotes")
	}
	add := func(level, factor, category release.Head, cell release.DraftCell) {
		row := release.DraftRow{Heads: []release.Head{level, factor, category}}
		for m := range models {
			c := cell
			c.Value, c.Low, c.High = c.Value*(1+0.3*float64(m)), c.Low*(1+0.2*float64(m)), c.High*(1+0.4*float64(m))
			if m == 2 && factor.Code == "route" {
				c = release.DraftCell{None: true, Note: "not-in-model"}
			}
			row.Cells = append(row.Cells, c)
		}
		d.Rows = append(d.Rows, row)
	}
	individual, household := head("individual", "Individual factors", "Facteurs individuels"), head("household", "Household and family factors", "Facteurs liés au ménage et à la famille")
	community, structural := head("community", "Community factors", "Facteurs communautaires"), head("structural", "Structural factors", "Facteurs structurels")
	sex := head("sex", "Sex", "Sexe")
	add(individual, sex, head("f", "Women and girls", "Femmes et filles"), reference)
	add(individual, sex, head("m", "Men and boys", "Hommes et garçons"), estimate(1.56, 0.09))
	age := head("age", "Age", "Âge")
	add(individual, age, head("25", "25 years and over", "25 ans et plus"), reference)
	add(individual, age, head("18", "18 to 24 years", "18 à 24 ans"), estimate(1.12, 0.1))
	add(individual, age, head("14", "14 to 17 years", "14 à 17 ans"), estimate(1.31, 0.18))
	school := head("education", "Education completed", "Niveau d’instruction achevé")
	add(individual, school, head("sec", "Secondary or higher", "Secondaire ou supérieur"), reference)
	add(individual, school, head("pri", "Primary", "Primaire"), estimate(1.04, 0.12))
	add(individual, school, head("none", "None", "Aucun"), estimate(1.22, 0.15))
	company := head("company", "Travelling with", "Personnes accompagnant la personne interrogée pendant le voyage")
	add(household, company, head("group", "A group of non-relatives", "Un groupe de personnes sans lien de parenté"), reference)
	add(household, company, head("alone", "Nobody", "Personne"), estimate(1.34, 0.11))
	add(household, company, head("family", "Family members only", "Membres de la famille uniquement"), estimate(0.41, 0.22))
	add(household, company, head("other", "Other", "Autre"), release.DraftCell{Value: 2.7, Low: 1.1, High: 6.6, Base: 4, Events: -1})
	paid := head("cost", "Cost of the journey (per 1,000 US dollars)", "Coût du voyage (par tranche de 1 000 dollars des États-Unis)")
	add(community, paid, release.Head{}, estimate(1.09, 0.03))
	away := head("duration", "Time since departure", "Durée écoulée depuis le départ")
	add(community, away, head("3", "Less than three months", "Moins de trois mois"), reference)
	add(community, away, head("6", "Three to six months", "De trois à six mois"), estimate(2.1, 0.16))
	add(community, away, head("12", "More than six months", "Plus de six mois"), estimate(3.86, 0.19))
	route := head("route", "Route", "Route")
	add(structural, route, head("e", "Eastern Mediterranean", "Méditerranée orientale"), reference)
	add(structural, route, head("c", "Central Mediterranean", "Méditerranée centrale"), estimate(14.2, 0.35))
	war := head("conflict", "Conflict in the country of departure", "Conflit dans le pays de départ")
	add(structural, war, head("no", "No", "Non"), reference)
	add(structural, war, head("yes", "Yes", "Oui"), estimate(1.9, 1.6))
	return d
}

// longForest is tall enough for the references to stand beside the names of their factors.
func longForest() release.Draft {
	d := oddsModels(1)
	for _, row := range oddsModels(1).Rows {
		row.Heads[1].Code += "-again"
		d.Rows = append(d.Rows, row)
	}
	return d
}

func share(v float64, n int) release.DraftCell {
	spread := 1.96 * math.Sqrt(v*(1-v)/float64(n))
	return release.DraftCell{Value: v, Low: max(v-spread, 0), High: min(v+spread, 1), Base: release.Persons(n), Events: release.Persons(v * float64(n))}
}

func count(n int) release.DraftCell {
	return release.DraftCell{Value: float64(n), Base: release.Persons(n), Events: release.Persons(n)}
}

// indicators has shares by indicator and route, totals, and a cell on too few people.
func indicators() release.Draft {
	d := release.Draft{Key: "indicators", Dims: []release.Dim{{Name: "indicator", Labels: both("Indicator", "Indicateur")}, {Name: "route", Labels: both("Route", "Route")}},
		Measures: []release.Measure{{Name: "share", Labels: both("Share of people interviewed", "Part des personnes interrogées"), Form: release.Share, Ranged: true},
			{Name: "n", Labels: both("People", "Personnes"), Form: release.Count}}}
	central, eastern, all := head("c", "Central Mediterranean", "Méditerranée centrale"), head("e", "Eastern Mediterranean", "Méditerranée orientale"), head("all", "Both routes", "Les deux routes")
	for _, i := range []struct {
		name          release.Head
		c, e, a       float64
		nc, ne, total int
	}{
		{head("any", "At least one indicator", "Au moins un indicateur"), .731, .142, .372, 6426, 10088, 16514},
		{head("unpaid", "Worked or performed other activities without getting the expected payment", "A travaillé ou exercé d’autres activités sans recevoir le paiement attendu"), .487, .071, .233, 6426, 10088, 16514},
		{head("forced", "Was forced to work or perform other activities against own will", "A été contraint de travailler ou d’exercer d’autres activités contre son gré"), .412, .031, .18, 6400, 10080, 16480},
		{head("marriage", "Was approached with offers of a marriage", "S’est vu proposer un mariage"), .02, .3, .03, 310, 6, 316},
		{head("held", "Was held at a location against own will", "A été retenu dans un lieu contre son gré"), .495, .062, .23, 6426, 10088, 16514},
	} {
		for _, l := range []struct {
			h     release.Head
			v     float64
			n     int
			total bool
		}{{central, i.c, i.nc, false}, {eastern, i.e, i.ne, false}, {all, i.a, i.total, true}} {
			d.Rows = append(d.Rows, release.DraftRow{Heads: []release.Head{i.name, l.h}, Total: l.total, Cells: []release.DraftCell{share(l.v, l.n), count(l.n)}})
		}
	}
	return d
}

// profiles has predicted probabilities for four groups of people on two routes.
func profiles() release.Draft {
	d := release.Draft{Key: "profiles", Dims: []release.Dim{{Name: "route", Labels: both("Route", "Route")}, {Name: "who", Labels: both("Who", "Qui")}},
		Measures: []release.Measure{{Name: "p", Labels: both("Predicted probability", "Probabilité prédite"), Form: release.Probability, Ranged: true}}}
	routes := []release.Head{head("c", "Central Mediterranean route", "Route de la Méditerranée centrale"), head("e", "Eastern Mediterranean route", "Route de la Méditerranée orientale")}
	who := []release.Head{head("men", "Men", "Hommes"), head("boys", "Boys", "Garçons"), head("women", "Women", "Femmes"), head("girls", "Girls", "Filles")}
	for r, route := range routes {
		for i, h := range who {
			v := []float64{.76, .79, .66, .7, .14, .17, .1, .12}[4*r+i]
			n := []int{3000, 400, 900, 120, 5000, 800, 2000, 9}[4*r+i]
			d.Rows = append(d.Rows, release.DraftRow{Heads: []release.Head{route, h}, Cells: []release.DraftCell{share(v, n)}})
		}
	}
	return d
}

// grid has n specifications of three choices.
func grid() release.Draft {
	outcomes := []release.Head{head("any", "Any of four indicators", "Au moins un des quatre indicateurs"), head("work", "Unpaid or forced work", "Travail non rémunéré ou forcé"),
		head("viol", "Physical violence", "Violence physique")}
	wars := []release.Head{head("ucdp", "25 battle deaths", "25 décès liés aux combats"), head("k", "1,000 battle deaths", "1 000 décès liés aux combats"), head("said", "Conflict named as reason", "Conflit cité comme motif")}
	samples := []release.Head{head("all", "All interviews", "Tous les entretiens"), head("n30", "Without sites with fewer than 30 interviews", "Sans les lieux comptant moins de 30 entretiens"),
		head("adult", "Adults only", "Adultes seulement")}
	level := []release.Head{head("c", "Country of departure", "Pays de départ"), head("cs", "Country and survey site", "Pays et lieu d’enquête")}
	d := release.Draft{Key: "grid", Dims: []release.Dim{{Name: "outcome", Labels: both("Outcome", "Résultat étudié")}, {Name: "war", Labels: both("Definition of conflict", "Définition du conflit")},
		{Name: "sample", Labels: both("Sample", "Échantillon")}, {Name: "group", Labels: both("Random intercepts", "Ordonnées à l’origine aléatoires")}},
		Measures: []release.Measure{{Name: "or", Labels: both("Odds ratio of conflict at home", "Rapport de cotes d’un conflit dans le pays"), Form: release.Ratio, Ranged: true}}}
	for o, a := range outcomes {
		for k, b := range wars {
			for s, c := range samples {
				for l, e := range level {
					x := estimate(math.Exp(0.15*float64(o)+0.22*float64(k)-0.13*float64(s)+0.05*float64(l)-0.12), 0.2+0.05*float64(s))
					if o == 0 && k == 0 && s == 0 && l == 0 {
						x.Note = chart.NoteMain
					}
					if o == 2 && s == 2 && l == 1 {
						x.Base = 7
					}
					d.Rows = append(d.Rows, release.DraftRow{Heads: []release.Head{a, b, c, e}, Cells: []release.DraftCell{x}})
				}
			}
		}
	}
	return d
}

func bins() release.Draft {
	d := release.Draft{Key: "bins", Dims: []release.Dim{{Name: "bin", Labels: both("Group", "Groupe")}}, Measures: []release.Measure{
		{Name: "predicted", Labels: both("Mean predicted probability", "Probabilité prédite moyenne"), Form: release.Probability},
		{Name: "observed", Labels: both("Share observed", "Part observée"), Form: release.Share, Ranged: true}}}
	for i := range 10 {
		x := 0.04 + 0.09*float64(i)
		n := 1600
		if i == 4 {
			n = 8
		}
		d.Rows = append(d.Rows, release.DraftRow{Heads: []release.Head{head(fmt.Sprint(i), fmt.Sprint(i), fmt.Sprint(i))},
			Cells: []release.DraftCell{{Value: x, Base: release.Persons(n), Events: -1}, share(x+0.03*math.Sin(float64(i)), n)}})
	}
	return d
}

func removals() release.Draft {
	d := release.Draft{Key: "removals", Dims: []release.Dim{{Name: "step", Labels: both("Step", "Étape")}}, Measures: []release.Measure{
		{Name: "removed", Labels: both("Removed", "Écartés"), Form: release.Count}, {Name: "left", Labels: both("Left", "Retenus"), Form: release.Count}}}
	for i, s := range []struct {
		h             release.Head
		removed, left int
	}{
		{head("file", "interviews in the file", "entretiens dans le fichier"), 0, 17345},
		{head("double", "Interviews recorded twice", "Entretiens enregistrés deux fois"), 48, 17297},
		{head("refused", "Consent refused or withdrawn after the interview", "Consentement refusé, ou retiré après l’entretien"), 310, 16987},
		{head("age", "Younger than 14 years or age not told", "Âge inférieur à 14 ans ou non précisé"), 5, 16982},
		{head("route", "On neither of the two routes", "Sur aucune des deux routes"), 458, 16524},
	} {
		first := count(s.removed)
		if i == 0 {
			first = release.DraftCell{None: true}
		}
		d.Rows = append(d.Rows, release.DraftRow{Heads: []release.Head{s.h}, Cells: []release.DraftCell{first, count(s.left)}})
	}
	return d
}

func days() release.Draft {
	d := release.Draft{Key: "days", Dims: []release.Dim{{Name: "point", Labels: both("Point", "Point")}, {Name: "day", Labels: both("Day", "Jour")}},
		Measures: []release.Measure{{Name: "n", Labels: both("People observed", "Personnes observées"), Form: release.Count}}}
	for s, h := range []release.Head{head("in", "Arrivals", "Arrivées"), head("out", "Departures", "Départs")} {
		for i := range 60 {
			n := 420 + int(180*math.Sin(float64(i)/6+float64(s))) - 90*s
			if s == 1 && i > 20 && i < 24 {
				n = 4
			}
			day := fmt.Sprintf("2016-%02d-%02d", 10+i/30, 1+i%30)
			d.Rows = append(d.Rows, release.DraftRow{Heads: []release.Head{h, head(day, day, day)}, Cells: []release.DraftCell{count(n)}})
		}
	}
	return d
}

// drawing is one sample, drawn in a language and a width.
type drawing struct {
	name string
	draw func(p *lang.Printer, f chart.Frame) (chart.SVG, error)
}

func drawings(t testing.TB, least release.Persons) []drawing {
	c := releasetest.MustClearAt(t, least, oddsModels(1), indicators(), profiles(), grid(), bins(), removals(), days())
	models := releasetest.MustClearAt(t, least, oddsModels(3))[0]
	long := releasetest.MustClearAt(t, least, longForest())[0]
	return []drawing{
		{"forest", func(p *lang.Printer, f chart.Frame) (chart.SVG, error) {
			return chart.Forest(p, f, c[0], chart.ForestOptions{})
		}},
		{"models", func(p *lang.Printer, f chart.Frame) (chart.SVG, error) {
			return chart.Forest(p, f, models, chart.ForestOptions{})
		}},
		{"long", func(p *lang.Printer, f chart.Frame) (chart.SVG, error) {
			return chart.Forest(p, f, long, chart.ForestOptions{})
		}},
		{"bars", func(p *lang.Printer, f chart.Frame) (chart.SVG, error) {
			return chart.Bars(p, f, c[1], chart.StripOptions{Base: "n"})
		}},
		{"dots", func(p *lang.Printer, f chart.Frame) (chart.SVG, error) {
			return chart.Dots(p, f, c[2], chart.StripOptions{})
		}},
		{"specifications", func(p *lang.Printer, f chart.Frame) (chart.SVG, error) {
			return chart.Specifications(p, f, c[3], chart.SpecificationOptions{})
		}},
		{"calibration", func(p *lang.Printer, f chart.Frame) (chart.SVG, error) {
			return chart.Calibration(p, f, c[4], chart.CalibrationOptions{})
		}},
		{"flow", func(p *lang.Printer, f chart.Frame) (chart.SVG, error) {
			return chart.SampleFlow(p, f, c[5], chart.FlowOptions{Says: chart.Reasons})
		}},
		{"rules", func(p *lang.Printer, f chart.Frame) (chart.SVG, error) {
			return chart.SampleFlow(p, f, c[5], chart.FlowOptions{})
		}},
		{"lines", func(p *lang.Printer, f chart.Frame) (chart.SVG, error) {
			return chart.Lines(p, f, c[6], chart.LinesOptions{})
		}},
	}
}
