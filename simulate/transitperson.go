package simulate

import "math/rand/v2"

// transitYear is the year of the interviews, January to June: the months for which IOM counts 17,628 interviews at
// more than 30 points in seven countries of West and Central Africa.
const transitYear = 2018

// transitCountry is a country of nationality and departure with its weight among those interviewed, of our own
// making.
type transitCountry struct {
	iso    string
	weight float64
}

var transitCountries = []transitCountry{
	{"NER", 18}, {"NGA", 16}, {"MLI", 14}, {"BFA", 12}, {"GIN", 10}, {"SEN", 8}, {"TCD", 8}, {"CIV", 6}, {"GMB", 4},
	{"GHA", 4}, {"BEN", 3}, {"TGO", 3}, {"CMR", 6}, {"SLE", 2}, {"GNB", 2}, {"MRT", 1.5}, {"CAF", 3}, {"COD", 1.5},
	{"LBR", 1}, {"COG", 1}, {"SDN", 4}, {"DZA", 1}, {"LBY", 1},
}

// point is a place of interview: invented points in seven countries of our choosing.
type point struct {
	code, country string
}

var transitPoints = []point{
	{"NER-01", "NER"}, {"NER-02", "NER"}, {"NER-03", "NER"}, {"NER-04", "NER"}, {"NER-05", "NER"}, {"NER-06", "NER"}, {"NER-07", "NER"},
	{"MLI-01", "MLI"}, {"MLI-02", "MLI"}, {"MLI-03", "MLI"}, {"MLI-04", "MLI"}, {"MLI-05", "MLI"}, {"MLI-06", "MLI"},
	{"BFA-01", "BFA"}, {"BFA-02", "BFA"}, {"BFA-03", "BFA"}, {"BFA-04", "BFA"}, {"BFA-05", "BFA"},
	{"TCD-01", "TCD"}, {"TCD-02", "TCD"}, {"TCD-03", "TCD"}, {"TCD-04", "TCD"}, {"TCD-05", "TCD"},
	{"NGA-01", "NGA"}, {"NGA-02", "NGA"}, {"NGA-03", "NGA"}, {"NGA-04", "NGA"},
	{"SEN-01", "SEN"}, {"SEN-02", "SEN"}, {"SEN-03", "SEN"}, {"SEN-04", "SEN"},
	{"GIN-01", "GIN"}, {"GIN-02", "GIN"}, {"GIN-03", "GIN"}, {"GIN-04", "GIN"},
}

// transitPlaces are the countries where events can happen; how often each does is drawn.
var transitPlaces = []string{"BFA", "DZA", "GIN", "LBY", "MLI", "NER", "NGA", "SDN", "SEN", "TCD"}

// trait is a question about a person whose answer goes with what happens: the levels of its column, and the log
// odds ratios of exploitation and of hardship, by level. They are our own. Those of hardship have the directions
// that IOM's chapter on challenges in the region names (docs/methods/simulation.md).
type trait struct {
	name      string
	levels    []string
	exploited []float64
	hard      []float64
	missing   rates
}

const (
	traitSex = iota
	traitAge
	traitEducation
	traitMarital
	traitTravel
	traitDebt
	traitMeans
	traitRelatives
	traitNetwork
	traitIsolated
	traitServices
	traitDocuments
	traitDuration
	traitReason
	traitConflict
	traitRoute
	traitHeading
	transitTraitCount
)

var (
	yesNo  = []string{"no", "yes"}
	plain  = rates{refused: 0.006, unknown: 0.004, empty: blank}
	always = rates{}
)

// headings are the regions people head for: countries stand for them in the column destination_country.
var headings = []string{"north-africa", "europe", "within", "elsewhere"}

var transitTraits = [transitTraitCount]trait{
	traitSex:       {"sex", []string{"female", "male"}, []float64{0, 0.25}, []float64{0, 0.05}, always},
	traitAge:       {"age_group", ageNames, []float64{0, 0.45, 0.30, -0.10, -0.25}, []float64{0, 0.10, 0.05, 0, 0}, always},
	traitEducation: {"education", []string{"none", "primary", "secondary", "tertiary"}, []float64{0, -0.20, -0.45, -0.60}, []float64{0, -0.20, -0.35, -0.45}, plain},
	traitMarital:   {"marital", []string{"single", "married", "divorced_widowed"}, []float64{0, -0.10, 0.35}, []float64{0, -0.05, 0.40}, plain},
	traitTravel:    {"travel", []string{"alone", "group", "family"}, []float64{0, -0.35, -0.55}, []float64{0, -0.15, -0.20}, plain},
	traitDebt:      {"debt", yesNo, []float64{0, 0.40}, []float64{0, 0.30}, rates{refused: 0.012, unknown: 0.008, empty: blank}},
	traitMeans:     {"household_means", yesNo, []float64{0, -0.35}, []float64{0, -0.40}, rates{refused: 0.008, unknown: 0.008, empty: blank}},
	traitRelatives: {"relatives_destination", relativesNames, []float64{0, -0.25, -0.10}, []float64{0, -0.10, 0}, plain},
	traitNetwork:   {"network", yesNo, []float64{0, -0.50}, []float64{0, -0.35}, plain},
	traitIsolated:  {"isolated", yesNo, []float64{0, 0.55}, []float64{0, 0.20}, plain},
	traitServices:  {"services_home", yesNo, []float64{0, -0.25}, []float64{0, -0.25}, plain},
	traitDocuments: {"documents", yesNo, []float64{0, -0.40}, []float64{0, -0.20}, rates{refused: 0.015, unknown: 0.002, empty: blank}},
	traitDuration:  {"duration", durationNames, []float64{0, 0.30, 0.55, 0.85}, []float64{0, 0.25, 0.45, 0.65}, rates{refused: 0.002, unknown: 0.008, empty: blank}},
	traitReason:    {"reason", []string{"economic", "conflict", "services", "other"}, []float64{0, 0.20, 0.10, 0}, []float64{0, 0.45, 0.45, 0}, plain},
	traitConflict:  {"conflict", yesNo, []float64{0, 0.45}, []float64{0, 0.20}, always},
	traitRoute:     {"route", []string{"within", "western", "central", "eastern"}, []float64{0, 0.35, 0.75, 0.30}, []float64{0, 0.15, 0.25, 0.15}, always},
	traitHeading:   {"heading", headings, []float64{0, 0.10, -0.10, 0}, []float64{0, -0.05, 0.40, 0}, always},
}

func exploitedPulls(t *trait) []float64 { return t.exploited }
func hardPulls(t *trait) []float64      { return t.hard }

const (
	exploitedIntercept = -1.60
	hardIntercept      = -0.20
	violenceIntercept  = -2.40 // with half the pulls of exploitation
	sdTransit          = 0.25  // of the intercepts of countries of departure and of points; half of it for hardship
	unsafeIntercept    = -1.40
	unsafeHard         = 0.50
	unsafeExploited    = 0.70
	sdUnsafe           = 0.60 // of the intercepts of countries of interview
	onwardIntercept    = 0.10
	onwardUnsafe       = 0.80
	sdLeaving          = 0.35
)

// traveller is one invented person on the way, by codes into the levels of transitTraits.
type traveller struct {
	point, month int // 0 = January
	nationality  int
	departure    string
	destination  string
	year, age    int
	at           [transitTraitCount]int
}

// pull is the part of the linear predictor that a person's traits make.
func (p *traveller) pull(of func(*trait) []float64) float64 {
	sum := 0.0
	for k := range transitTraits {
		sum += of(&transitTraits[k])[p.at[k]]
	}
	return sum
}

// transitMixes are shares of answers, orders of magnitude of our own making.
type transitMixes struct {
	nationality, age, education, reason drawing
	route                               map[string]drawing // by country of interview
	heading                             [4]drawing         // by route
}

func newTransitMixes() transitMixes {
	var nat []float64
	for _, c := range transitCountries {
		nat = append(nat, c.weight)
	}
	return transitMixes{
		nationality: weights(nat...),
		age:         weights(8, 42, 34, 12, 4),
		education:   weights(38, 28, 26, 8),
		reason:      weights(70, 10, 11, 9),
		route: map[string]drawing{ // within, western, central, eastern
			"NER": weights(35, 20, 43, 2), "MLI": weights(42, 55, 3, 0), "BFA": weights(62, 18, 20, 0), "TCD": weights(34, 0, 36, 30),
			"NGA": weights(60, 2, 34, 4), "SEN": weights(64, 34, 2, 0), "GIN": weights(60, 36, 4, 0),
		},
		heading: [4]drawing{ // headings: north-africa, europe, within, elsewhere
			weights(4, 6, 86, 4), weights(44, 36, 17, 3), weights(58, 26, 13, 3), weights(16, 4, 36, 44),
		},
	}
}

// heading countries: where people head for, by heading.
var headingCountries = [4][]string{
	{"LBY", "DZA", "MAR"}, {"ITA", "ESP", "FRA", "DEU"}, {"NER", "MLI", "BFA", "CIV", "SEN", "NGA", "TCD", "CMR", "GHA"}, {"SDN", "SAU", "USA"},
}

// draw makes one person.
func (s *TransitSurvey) draw(r *rand.Rand) traveller {
	p := traveller{point: r.IntN(len(transitPoints)), month: r.IntN(6), nationality: s.mixes.nationality.pick(r)}
	p.departure = transitCountries[p.nationality].iso
	if r.Float64() < 0.12 {
		p.departure = transitCountries[s.mixes.nationality.pick(r)].iso
	}
	chance := func(share float64) int { return int(number(r.Float64() < share)) }
	p.at[traitSex] = chance(0.72)
	band := s.mixes.age.pick(r)
	p.at[traitAge] = ageCode[band]
	p.age = ageBands[band][0] + r.IntN(ageBands[band][1]-ageBands[band][0]+1)
	p.at[traitEducation] = s.mixes.education.pick(r)
	if p.age < 18 && p.at[traitEducation] == 3 {
		p.at[traitEducation] = 2
	}
	p.at[traitMarital] = transitMarital(p.age, r)
	p.at[traitTravel] = weights(42, 41, 17).pick(r)
	if p.at[traitSex] == 0 {
		p.at[traitTravel] = weights(28, 34, 38).pick(r)
	}
	p.at[traitMeans] = chance(0.24 + 0.05*float64(p.at[traitEducation]))
	p.at[traitDebt] = chance(0.34 - 0.12*float64(p.at[traitMeans]))
	p.at[traitRelatives] = weights(62, 14, 24).pick(r)
	p.at[traitNetwork] = chance(0.45)
	p.at[traitIsolated] = chance(0.14)
	p.at[traitServices] = chance(0.48)
	p.at[traitDocuments] = chance(0.52 + 0.04*float64(p.at[traitEducation]))
	p.at[traitRoute] = s.mixes.route[transitPoints[p.point].country].pick(r)
	p.at[traitHeading] = s.mixes.heading[p.at[traitRoute]].pick(r)
	list := headingCountries[p.at[traitHeading]]
	p.destination = list[r.IntN(len(list))]
	p.at[traitDuration] = weights(48, 32, 12, 8).pick(r)
	p.year = transitDeparture(p.month, p.at[traitDuration], r)
	p.at[traitConflict] = int(number(s.conflicts[p.departure][p.year].deaths >= 25))
	p.at[traitReason] = s.mixes.reason.pick(r)
	if p.at[traitConflict] == 1 && r.Float64() < 0.3 {
		p.at[traitReason] = 1 // fled
	}
	return p
}

func transitMarital(age int, r *rand.Rand) int {
	switch {
	case age < 18:
		return weights(96, 4, 0).pick(r)
	case age <= 25:
		return weights(68, 28, 4).pick(r)
	case age <= 35:
		return weights(36, 54, 10).pick(r)
	}
	return weights(10, 72, 18).pick(r)
}

// transitDeparture goes back from the month of the interview by the length of the journey.
func transitDeparture(month, duration int, r *rand.Rand) int {
	days := []int{7, 45, 130, 300}[duration] + r.IntN(30)
	if duration == 3 {
		days += r.IntN(400)
	}
	year := transitYear
	for at := month*30 + 15 - days; at < 0; at += 365 {
		year--
	}
	return year
}
