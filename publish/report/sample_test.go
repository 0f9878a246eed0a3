package report_test

import (
	"fmt"
	"testing"

	"waymark/lang"
	"waymark/publish/chart"
	"waymark/publish/report"
	"waymark/release"
	"waymark/release/releasetest"
)

// The numbers of this sample are made up; they describe nobody.

func both(en, fr string) release.Labels { return release.Labels{"en": en, "fr": fr} }

func own(en, fr string, args ...any) report.Text {
	t := report.Text{Own: both(en, fr), Args: map[string]report.Arg{}}
	for n := 0; n < len(args); n += 2 {
		t.Args[args[n].(string)] = args[n+1].(report.Arg)
	}
	return t
}

func printer(t testing.TB, tag string) *lang.Printer {
	t.Helper()
	p, err := lang.New(tag)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

var caveats = []string{"indicators-not-victims", "sample-not-random"}

func head(code, en, fr string) release.Head { return release.Head{Code: code, Labels: both(en, fr)} }

// byRoute has two headings, a share with its interval, a count, and a row that a threshold of ten hides.
func byRoute() release.Draft {
	d := release.Draft{
		Key:   "any-by-route",
		Title: both("Respondents with at least one indicator, by route and sex", "Personnes interrogées présentant au moins un indicateur, selon la route et le sexe"),
		Unit:  both("people interviewed; 95% intervals in brackets", "personnes interrogées ; intervalles à 95% entre parenthèses"),
		Dims:  []release.Dim{{Name: "route", Labels: both("Route", "Route")}, {Name: "sex", Labels: both("Sex", "Sexe")}},
		Measures: []release.Measure{
			{Name: "share", Labels: both("At least one indicator", "Au moins un indicateur"), Form: release.Share, Ranged: true},
			{Name: "n", Labels: both("Interviews", "Entretiens"), Form: release.Count},
		},
		Caveats: caveats,
		Source:  both("Source: a made-up survey.", "Source: enquête fictive."),
	}
	type line struct {
		route, sex release.Head
		n          int
		share      float64
		total      bool
	}
	central := head("central", "Central Mediterranean", "Méditerranée centrale")
	eastern := head("eastern", "Eastern Mediterranean", "Méditerranée orientale")
	men, women := head("men", "Men", "Hommes"), head("women", "Women", "Femmes")
	other, all := head("other", "Other or not told", "Autre ou non précisé"), head("all", "Together", "Ensemble")
	for _, l := range []line{
		{central, men, 5120, 0.7412, false}, {central, women, 1302, 0.6693, false}, {central, other, 4, 0.5, false}, {central, all, 6426, 0.7268, true},
		{eastern, men, 7014, 0.1437, false}, {eastern, women, 3071, 0.1325, false}, {eastern, other, 3, 0.3333, false}, {eastern, all, 10088, 0.1402, true},
	} {
		d.Rows = append(d.Rows, release.DraftRow{Heads: []release.Head{l.route, l.sex}, Total: l.total, Cells: []release.DraftCell{
			{Value: l.share, Low: l.share - 0.012, High: l.share + 0.013, Base: release.Persons(l.n), Events: release.Persons(l.share * float64(l.n))},
			{Value: float64(l.n), Base: release.Persons(l.n), Events: release.Persons(l.n)},
		}})
	}
	return d
}

// odds has ratios of every size, a reference, a blank and a note.
func odds() release.Draft {
	d := release.Draft{
		Key:   "odds-main",
		Title: both("Odds ratios of at least one indicator", "Rapports de cotes pour au moins un indicateur"),
		Dims:  []release.Dim{{Name: "level", Labels: both("Level", "Niveau")}, {Name: "term", Labels: both("Characteristic", "Caractéristique")}},
		Measures: []release.Measure{
			{Name: "odds_ratio", Labels: both("Odds ratio", "Rapport de cotes"), Form: release.Ratio, Ranged: true},
			{Name: "effect", Labels: both("Marginal effect", "Effet marginal"), Form: release.Real, Digits: 3},
		},
		Caveats: caveats,
	}
	person, journey := head("individual", "Individual", "Individuel"), head("journey", "Journey", "Voyage")
	add := func(level, term release.Head, ratio, effect float64, note string, none bool) {
		d.Rows = append(d.Rows, release.DraftRow{Heads: []release.Head{level, term}, Cells: []release.DraftCell{
			{Value: ratio, Low: ratio * 0.8, High: ratio * 1.25, Base: 5000, Events: -1, Note: note, None: none},
			{Value: effect, Base: 5000, Events: -1, None: none},
		}})
	}
	add(person, head("women", "Women", "Femmes"), 0, 0, "reference", true)
	add(person, head("men", "Men", "Hommes"), 1.5634, 0.0712, "", false)
	add(person, head("child", "Children of 14 to 17", "Enfants de 14 à 17 ans"), 0.8451, -0.0213, "", false)
	add(journey, head("group", "Travelled in a group", "Voyage en groupe"), 0, 0, "reference", true)
	add(journey, head("alone", "Travelled alone", "Voyage en solitaire"), 1.3182, 0.0431, "", false)
	add(journey, head("long", "Six months or longer", "Six mois ou plus"), 12.344, 0.2713, "separated", false)
	return d
}

// countries is long enough for the annex.
func countries() release.Draft {
	d := release.Draft{
		Key:      "by-country",
		Title:    both("Interviews by country of departure", "Entretiens selon le pays de départ"),
		Dims:     []release.Dim{{Name: "country", Labels: both("Country", "Pays")}},
		Measures: []release.Measure{{Name: "n", Labels: both("Interviews", "Entretiens"), Form: release.Count}},
		Caveats:  caveats,
	}
	for n := range 40 {
		d.Rows = append(d.Rows, release.DraftRow{
			Heads: []release.Head{head(fmt.Sprintf("c%d", n), fmt.Sprintf("Country %c%c", 'A'+n/26, 'A'+n%26), fmt.Sprintf("Pays %c%c", 'A'+n/26, 'A'+n%26))},
			Cells: []release.DraftCell{{Value: float64(2000 - n*37), Base: release.Persons(2000 - n*37), Events: release.Persons(2000 - n*37)}},
		})
	}
	return d
}

// bars draws shares.
func bars(t release.Cleared) func(*lang.Printer, string, string) (chart.SVG, error) {
	return func(p *lang.Printer, title, summary string) (chart.SVG, error) {
		return chart.Bars(p, chart.Frame{ID: "bars", Title: title, Summary: summary}, t, chart.StripOptions{Base: "n"})
	}
}

// models is a table of many columns: one model beside the other.
func models() release.Draft {
	d := odds()
	d.Key, d.Title = "models", both("Odds ratios in four models", "Rapports de cotes dans quatre modèles")
	d.Measures = nil
	for _, m := range []struct{ name, en, fr string }{{"all", "All routes", "Toutes les routes"}, {"central", "Central route", "Route centrale"},
		{"eastern", "Eastern route", "Route orientale"}, {"children", "Children of 14 to 17", "Enfants de 14 à 17 ans"}} {
		d.Measures = append(d.Measures, release.Measure{Name: m.name, Labels: both(m.en, m.fr), Form: release.Ratio, Ranged: true})
	}
	for n := range d.Rows {
		cell := d.Rows[n].Cells[0]
		d.Rows[n].Cells = nil
		for k := range d.Measures {
			c := cell
			c.Value, c.Low, c.High = c.Value*(1+0.07*float64(k)), c.Low*(1-0.05*float64(k)), c.High*(1+0.1*float64(k))
			if k == 3 && n == 2 {
				c = release.DraftCell{None: true, Note: "not-in-model", Events: -1}
			}
			d.Rows[n].Cells = append(d.Rows[n].Cells, c)
		}
	}
	return d
}

// sample is a document with one of everything.
func sample(t testing.TB) report.Document {
	t.Helper()
	cleared := releasetest.MustClearAt(t, 10, byRoute(), odds(), countries(), models())
	route, ratio, country, side := cleared[0], cleared[1], cleared[2], cleared[3]
	num := func(row, column int) report.Number { return report.Number{Table: route, Row: row, Column: column} }
	ci := func(row int) report.Interval { return report.Interval{Table: route, Row: row, Column: 0} }
	return report.Document{
		ID:       "sample",
		Kicker:   own("Flow monitoring surveys · {{.from}} to {{.to}}", "Enquêtes de suivi des flux · du {{.from}} au {{.to}}", "from", report.Day("2015-12-01"), "to", report.Day("2016-11-30")),
		Title:    own("Vulnerability to exploitation and trafficking on the Mediterranean routes", "Vulnérabilité à l'exploitation et à la traite sur les routes de la Méditerranée"),
		Subtitle: own("What the answers of people on the move tell about who is exposed, and where help is owed", "Ce que les réponses des personnes en déplacement disent de l’exposition aux risques, et des aides à apporter"),
		Summary: report.FrontPage{
			Figures: []report.KeyFigure{
				{Number: num(3, 0), Label: own("of those interviewed on the Central route report at least one indicator", "des personnes interrogées sur la route centrale signalent au moins un indicateur")},
				{Number: num(7, 0), Label: own("on the Eastern route", "sur la route orientale")},
				{Number: num(3, 1), Label: own("interviews on the Central route", "entretiens sur la route centrale")},
				{Number: num(2, 1), Label: own("people who told neither sex", "personnes n’ayant précisé aucun sexe")},
			},
			Findings: []report.Finding{
				{Say: own("On the Central route {{.share}} of people report at least one indicator, on the Eastern route {{.other}}.", "Sur la route centrale, {{.share}} des personnes signalent au moins un indicateur, contre {{.other}} sur la route orientale.", "share", num(3, 0), "other", num(7, 0)),
					Sure:   own("Very sure for those interviewed: the interval runs from {{.ci}}.", "Très élevé pour les personnes interrogées : l’intervalle va de {{.ci}}.", "ci", ci(3)),
					Do:     own("Screen for protection needs at every landing place, before transfer.", "Repérer les besoins de protection sur chaque lieu de débarquement, avant tout transfert."),
					Actors: own("Coast guards, ministries of the interior, IOM and UNHCR teams", "Garde-côtes, ministères de l’intérieur, équipes de l’OIM et du HCR"), Anchor: "exposure"},
				{Say: own("Men are more exposed than women with like journeys: odds ratio {{.or}} ({{.ci}}).", "À voyage comparable, les hommes sont plus exposés que les femmes : rapport de cotes de {{.or}} ({{.ci}}).", "or", report.Number{Table: ratio, Row: 1, Column: 0}, "ci", report.Interval{Table: ratio, Row: 1, Column: 0}),
					Sure:   own("Sure: the direction holds in every model of the robustness sheet.", "Élevé : le sens de l’effet se maintient dans tous les modèles de la feuille de robustesse."),
					Do:     own("Open services against forced labour to men, and say so where they arrive.", "Ouvrir aux hommes les services de lutte contre le travail forcé et le faire savoir à l’arrivée."),
					Actors: own("Labour inspectorates, shelters, trade unions", "Inspections du travail, centres d’hébergement, syndicats"), Anchor: "factors"},
				{Say: own("People who travel alone, and those whose journey lasts six months or longer, are the most exposed.", "Les personnes qui voyagent seules et celles dont le voyage dure six mois ou plus sont les plus exposées."),
					Sure:   own("Less sure: long journeys are partly the consequence of being held.", "Moyen : la longueur du voyage est en partie une conséquence de la détention."),
					Do:     own("Give information and a way to call for help along the routes.", "Fournir des informations et un moyen d’appeler à l’aide le long des routes."),
					Actors: own("Transit countries, mobile teams, consulates", "Pays de transit, équipes mobiles, consulats"), Anchor: "fig-route"},
			},
		},
		Sections: []report.Section{
			{ID: "exposure", Title: own("Who reports an indicator", "Qui signale un indicateur"), Blocks: []report.Block{
				report.Paragraph{Text: own("Of {{.n}} people interviewed on the Central route, {{.share}} ({{.ci}}) answered yes to at least one of four questions ({{.table}}). Among those who told no sex the share is {{.held}}.",
					"Sur {{.n}} personnes interrogées sur la route centrale, {{.share}} ({{.ci}}) ont répondu oui à au moins une des quatre questions ({{.table}}). Parmi celles qui n’ont pas précisé leur sexe, cette part est {{.held}}.",
					"n", num(3, 1), "share", num(3, 0), "ci", ci(3), "table", report.See("any-by-route"), "held", num(2, 0))},
				report.TableBlock{Table: route},
				report.Figure{ID: "fig-route", Title: own("At least one indicator, by route and sex", "Au moins un indicateur, selon la route et le sexe"),
					Summary: own("Shares on the Central route are five times those on the Eastern route, for men and women alike.", "Les parts observées sur la route centrale sont cinq fois celles de la route orientale, chez les hommes comme chez les femmes."),
					Table:   route, Draw: bars(route), Note: own("Groups of fewer than ten people are not drawn.", "Les groupes de moins de dix personnes ne sont pas représentés.")},
				report.Heading{Text: own("Countries of departure", "Pays de départ")},
				report.Bullets{Items: []report.Text{own("The first country stands far before the others.", "Le premier pays devance largement les autres."), own("Ten countries make up half of the interviews.", "Dix pays réunissent la moitié des entretiens.")}},
				report.TableBlock{Table: country, Long: true},
			}},
			{ID: "factors", Title: own("What goes with exposure", "Ce qui va de pair avec l’exposition"), Blocks: []report.Block{
				report.TableBlock{Table: ratio, Hide: []string{"effect"}},
				folded(report.TableBlock{Table: ratio}),
				report.TableBlock{Table: side},
				report.Note{Text: own("An odds ratio above one means more exposed than the reference. It says nothing of a cause.", "Un rapport de cotes supérieur à un indique une exposition plus forte que la référence. Il ne dit rien d’une cause.")},
			}},
			{ID: "advice", Title: own("What should be done", "Ce qu’il convient de faire"), Blocks: []report.Block{
				report.Advice{Finding: own("{{.share}} on the Central route report at least one indicator", "{{.share}} des personnes sur la route centrale signalent au moins un indicateur", "share", num(3, 0)),
					Do: own("Ask every person who lands, in private and in a language they speak, before any transfer.", "Interroger chaque personne débarquée, en privé et dans une langue qu’elle parle, avant tout transfert."), Actors: own("Reception authorities", "Autorités chargées de l’accueil"), Anchor: "any-by-route"},
				report.Advice{Finding: own("people who travel alone are more exposed", "les personnes voyageant seules sont plus exposées"), Do: own("Place mobile teams where people set out alone.", "Déployer des équipes mobiles là où les personnes partent seules."), Actors: own("IOM missions, national partners", "Missions de l’OIM, partenaires nationaux"), Anchor: "factors"},
			}},
		},
		Colophon: []report.Fact{
			{Label: own("Data set", "Jeu de données"), Value: report.Plain("sha256:5f2c1e7a90b34d6c8e1f")},
			{Label: own("Made with", "Établi avec"), Value: report.Plain("Waymark 0.1.0")},
			{Label: own("Day", "Date"), Value: report.Day("2026-11-01")},
		},
		Languages: []string{"en", "fr"},
	}
}

// folded turns a table block into a figure whose table is shown nowhere else.
func folded(b report.Block) report.Figure {
	t := b.(report.TableBlock).Table
	return report.Figure{ID: "fig-odds", Title: own("What goes with exposure", "Ce qui va de pair avec l’exposition"),
		Summary: own("Long journeys stand out.", "Les voyages longs se distinguent."), Table: t,
		Draw: func(p *lang.Printer, title, summary string) (chart.SVG, error) {
			return chart.Forest(p, chart.Frame{ID: "odds", Title: title, Summary: summary}, t, chart.ForestOptions{})
		}}
}
