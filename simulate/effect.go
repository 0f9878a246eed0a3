package simulate

// route of the journey.
type route uint8

const (
	eastern route = iota
	central
	routes
)

var routeNames = [routes]string{"Eastern", "Central"}

// Names of the levels of each answer, reference first where it is a predictor.
var (
	sexNames       = []string{"female", "male"}
	ageNames       = []string{"26-35", "14-17", "18-25", "36-45", "46+"}
	educationNames = []string{"secondary", "none", "primary", "upper_secondary", "tertiary"}
	maritalNames   = []string{"single", "married", "other"}
	travelNames    = []string{"group", "alone", "family"}
	durationNames  = []string{"under_2w", "2w_3m", "3m_6m", "over_6m"}
	costNames      = []string{"none", "under_1000", "1000_2500", "2500_5000", "over_5000"}
	reasonNames    = []string{"economic", "conflict", "other"}
	relativesNames = []string{"none", "first_line", "other"}
	yesNames       = []string{"no", "yes"}
)

// effects are log odds ratios of `exploited` (any of the four indicators, own experience), by level. They
// are our own, chosen to have the directions that IOM stated in December 2017; those marked solved are set
// for each seed so that the shares come out as published.
type effects struct {
	Intercept  float64            `json:"intercept"`   // solved
	Route      map[string]float64 `json:"route"`       // Central solved
	Sex        map[string]float64 `json:"sex"`         // male solved
	Region     map[string]float64 `json:"region"`      // the level of sub-Saharan regions solved
	EasternSSA float64            `json:"eastern_ssa"` // sub-Saharan origin on the Eastern route, beyond both; solved
	AgeGroup   map[string]float64 `json:"age_group"`
	Education  map[string]float64 `json:"education"`
	Marital    map[string]float64 `json:"marital"`
	Travel     map[string]float64 `json:"travel"`
	Duration   map[string]float64 `json:"duration"`
	Cost       map[string]float64 `json:"cost"`
	Reason     map[string]float64 `json:"reason"`
	Relatives  map[string]float64 `json:"relatives_destination"`
	Camp       map[string]float64 `json:"camp_stay"`
	Conflict   map[string]float64 `json:"conflict"`
}

var (
	agePulls       = []float64{0, 0.50, 0.40, -0.15, -0.30}
	educationPulls = []float64{0, 0.30, 0.18, -0.05, -0.20}
	maritalPulls   = []float64{0, -0.20, 0.05}
	travelPulls    = []float64{0, 0.45, -0.20}
	durationPulls  = []float64{0, 0.45, 0.80, 1.10}
	costPulls      = []float64{0, 0.15, 0.28, 0.40, 0.52}
	reasonPulls    = []float64{0, 0.10, -0.05}
	relativesPulls = []float64{0, -0.20, -0.05}
	campPulls      = []float64{0, 0.20}
	conflictPulls  = []float64{0, 0.50}
	// regionPulls are relative to North Africa; sub-Saharan ones are shifted together by the calibration.
	regionPulls = [regions]float64{
		northAfrica: 0, westAfrica: 0.90, eastAfrica: 0.05, centralAfrica: 0.10, middleEast: 0.90, southAsia: 0.95, elsewhere: 0.90,
	}
)

const (
	sdDeparture  = 0.30 // of the intercepts of countries of departure
	sdLocation   = 0.30 // of the intercepts of survey locations
	violencePull = 1.5  // of `exploited` on physical violence
)

// Published figures that a survey is calibrated to: shares among those whose answers decide. Sources in
// docs/methods/simulation.md.
const (
	shareCentral    = 0.39 // implied route sizes, 2015-12 to 2016-11
	anyEastern      = 0.14 // at least one indicator
	anyCentralMen   = 0.76 // with menCentral, 73 % on the Central route
	anyCentralWomen = 0.67
	youthSSAOther   = 0.27  // Central, aged 14 to 24: 83 % of sub-Saharan origin, 56 % of others
	youthSSAEastern = 0.65  // Eastern, aged 14 to 24, of sub-Saharan origin; 15 % of others follows
	violenceMen     = 0.80  // Central
	violenceWomen   = 0.66  // Central
	violenceEastern = 0.12  // our own
	menCentral      = 0.667 // makes 76 and 67 average to 73
	menEastern      = 0.70  // our own
)

// Shares of people whose answers decide: one yes is enough for a yes, a no needs all four answers. So the
// share of yes among them is larger than among all, and the calibration aims lower.
const (
	decidedYes = 0.985
	decidedNo  = 0.935
)

// among gives the share of everyone at which the share among the decided is as published.
func among(published float64) float64 {
	return published * decidedNo / (published*decidedNo + (1-published)*decidedYes)
}

func named(names []string, pulls []float64) map[string]float64 {
	m := map[string]float64{}
	for i, n := range names {
		m[n] = pulls[i]
	}
	return m
}
