package simulate

// Truth is what a survey was drawn with, written beside it.
type Truth struct {
	Notice       string             `json:"notice"`
	Rows         int                `json:"rows"`
	Outcome      string             `json:"outcome"`
	Effects      effects            `json:"log_odds_ratios"`
	SD           map[string]float64 `json:"sd"` // of the random intercepts, on the log-odds scale
	Departures   map[string]float64 `json:"departure_country_intercepts"`
	Locations    map[string]float64 `json:"location_intercepts"`
	Violence     map[string]float64 `json:"violence_log_odds_ratios"`
	CalibratedTo map[string]float64 `json:"calibrated_to"`
	// Nationalities gives the region of each nationality, a code of package place's scheme "survey-regions" or
	// "elsewhere" for any other group.
	Nationalities map[string]string `json:"region_of_nationality"`
}

// Truth gives the parameters of the survey. `exploited` follows them exactly; the single indicators are
// drawn among the exploited, physical violence from a logistic model of its own.
func (s *FlowSurvey) Truth() Truth {
	region := named(regionNames[:], regionPulls[:])
	for r := range regions {
		if r.subSaharan() {
			region[regionNames[r]] += s.solvedAny[3]
		}
	}
	t := Truth{
		Notice:  Notice,
		Rows:    s.rows,
		Outcome: "exploited: at least one of unpaid_work, forced_work, held, marriage_offer (own experience)",
		Effects: effects{
			Intercept: s.solvedAny[0], Route: map[string]float64{"Eastern": 0, "Central": s.solvedAny[1]},
			Sex: map[string]float64{"female": 0, "male": s.solvedAny[2]}, Region: region, EasternSSA: s.solvedAny[4],
			AgeGroup: named(ageNames, agePulls), Education: named(educationNames, educationPulls),
			Marital: named(maritalNames, maritalPulls), Travel: named(travelNames, travelPulls),
			Duration: named(durationNames, durationPulls), Cost: named(costNames, costPulls),
			Reason: named(reasonNames, reasonPulls), Relatives: named(relativesNames, relativesPulls),
			Camp: named(yesNames, campPulls), Conflict: named(yesNames, conflictPulls),
		},
		SD:         map[string]float64{"departure_country": sdDeparture, "location": sdLocation},
		Departures: s.departures,
		Locations:  map[string]float64{}, Nationalities: map[string]string{},
		Violence: map[string]float64{
			"intercept": s.solvedViolence[0], "routeCentral": s.solvedViolence[1], "sexmale": s.solvedViolence[2], "exploited": violencePull,
		},
		CalibratedTo: map[string]float64{
			"central_share_of_interviews": shareCentral, "any_eastern": anyEastern,
			"any_central_men": anyCentralMen, "any_central_women": anyCentralWomen, "any_central_14_to_24_sub_saharan_less_other": youthSSAOther,
			"any_eastern_14_to_24_sub_saharan": youthSSAEastern, "violence_central_men": violenceMen,
			"violence_central_women": violenceWomen, "violence_eastern": violenceEastern,
		},
	}
	for i, v := range s.locations {
		t.Locations[sites[i].code] = v
	}
	for _, c := range countries {
		t.Nationalities[c.iso] = regionNames[c.region]
	}
	return t
}
