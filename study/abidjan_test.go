package study_test

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"waymark/dataset"
	"waymark/form"
	"waymark/plans"
	"waymark/study"
	"waymark/study/plan"
)

// inventedHouseholds draws people and households with the columns that the plan for Abidjan reads: nobody's
// answers. Illness depends on age, on soap and on a draw of the household.
func inventedHouseholds(households int, seed uint64) map[string]study.Input {
	r := rand.New(rand.NewPCG(seed, 7))
	pick := func(codes ...string) string { return codes[r.IntN(len(codes))] }
	above := map[string][]string{}
	below := map[string][]string{}
	var rooms, fridge []float64
	add := func(m map[string][]string, name, code string) { m[name] = append(m[name], code) }
	for h := range households {
		key, soap, shift := fmt.Sprintf("made-up-%d", h), pick("SoapOrDeterg", "None"), r.NormFloat64()
		add(above, "KEY", key)
		add(above, "ObsHandWashSOAP", soap)
		for name, codes := range map[string][]string{
			"Sex_HH": {"M", "F"}, "DrinkingWaterAvailability": {"Y", "N"}, "ObsHandWashWATER": {"Water_OK", "Water_NOT_OK"},
		} {
			add(above, name, codes[(h+len(name))%len(codes)])
		}
		add(above, "DrinkingWater_Private", pick("Piped_dwel", "Piped_yard", "Piped_neigh"))
		add(above, "ToiletFacilityTYPE", pick("Flush", "DryOrCompost"))
		add(above, "ToiletFacilitySHARE", pick("Y", "N"))
		add(above, "HHFLOOR", pick("Ceramic", "Cement"))
		add(above, "HHCOOKING", pick("House", "Outdoors"))
		add(above, "StreetFood", pick("0_1", "2_4", "5_Or_More"))
		rooms, fridge = append(rooms, float64(1+r.IntN(4))), append(fridge, float64(r.IntN(2)))
		for range 4 {
			age := pick("adult (18 or older)", "5 to 17", "under five")
			risk := -1.6 + shift
			if age == "under five" {
				risk += 1.2
			}
			if soap == "None" {
				risk += 0.8
			}
			ill := "N"
			if r.Float64() < 1/(1+math.Exp(-risk)) {
				ill = "Y"
			}
			for name, code := range map[string]string{"KEY": key, "Site": pick("Azito", "Williamsville"), "Sex": pick("F", "M"),
				"School_past": pick("Primary", "Secondary_1", "No_Edu"), "Diarrhoea": ill, "Age_group": age} {
				add(below, name, code)
			}
		}
	}
	people, other := &dataset.Table{Name: "people.csv"}, &dataset.Table{Name: "households.csv"}
	for name, codes := range below {
		_ = people.Add(dataset.NewCategory(name, codes))
	}
	for name, codes := range above {
		_ = other.Add(dataset.NewCategory(name, codes))
	}
	_ = other.Add(dataset.NewNumber("HHROOMS", rooms))
	_ = other.Add(dataset.NewNumber("HHITEMS/Refrigerator", fridge))
	ways := form.List{Name: "school", Choices: []form.Choice{{Name: "Primary", Labels: form.Labels{"fr": "École primaire"}}, {Name: "No_Edu", Labels: form.Labels{"fr": "Aucune"}}}}
	asked := &form.Form{Lists: []form.List{ways}, Questions: []form.Question{{Path: form.Path{"School_past"}, Type: form.SelectOne, List: "school",
		Labels: form.Labels{"fr": "Quel est le niveau d’études atteint ?"}}}}
	return map[string]study.Input{"people": {File: "people.csv", Loaded: loaded(people)}, "households": {File: "households.csv", Loaded: loaded(other)},
		"form": {File: "form.xls", Form: asked}}
}

// The plan for the survey in Abidjan on invented people: joined to their household, exact over households, in
// words of a survey and not of people on the move.
func TestAbidjanPlanOnInventedPeople(t *testing.T) {
	public := files{}
	result, err := study.Run(context.Background(), shipped(t, "abidjan-2022"), inventedHouseholds(250, 5),
		study.Outputs{Public: public, Working: files{}}, study.Options{Languages: []string{"en", "fr"}, Version: "test"})
	if err != nil {
		t.Fatal(err)
	}
	en, fr := public["report.en.html"].String(), public["report.fr.html"].String()
	for _, c := range []struct{ page, want string }{
		{en, "exact integral over the groups"}, {fr, "intégrale exacte"}, {en, "children under 5"}, {fr, "les enfants de moins de 5 ans"}} {
		if !strings.Contains(c.page, c.want) {
			t.Errorf("no %q in the report", c.want)
		}
	}
	for _, word := range []string{"flow monitoring", "countries of departure", "disembarkation", "refugee"} {
		if strings.Contains(strings.ToLower(en), word) {
			t.Errorf("%q in the report on a survey", word)
		}
	}
	for _, word := range []string{"suivi des flux", "pays de départ", "débarquement", "réfugié"} {
		if strings.Contains(strings.ToLower(fr), word) {
			t.Errorf("« %s » in the report on a survey", word)
		}
	}
	if strings.Contains(en, "made-up-") || strings.Contains(public["run.json"].String(), "made-up-") {
		t.Error("a key of a household left")
	}
	if len(result.Document.Summary.Findings) == 0 {
		t.Error("no finding")
	}
	// a level that the form does not know is told by column and number
	found := false
	for _, n := range result.Notes {
		found = found || n.Code == "flatten.unknown-codes" && n.Place.Field == "School_past"
	}
	if !found {
		t.Error("the code that the form lacks is not noted")
	}
}

// A table by a column that is no predictor takes the words of the form; where it has one language, that.
func TestWordsOfAForm(t *testing.T) {
	text, _ := plans.Read("abidjan-2022")
	changed := strings.Replace(string(text), "by: [age_group], outcomes", "by: [School_past], outcomes", 1)
	changed, _, _ = strings.Cut(changed, "\nrobustness:") // not what is tested here
	p, issues := plan.Parse("abidjan.yaml", []byte(changed))
	if err := issues.Err(); err != nil {
		t.Fatal(err)
	}
	public := files{}
	if _, err := study.Run(context.Background(), p, inventedHouseholds(250, 6), study.Outputs{Public: public, Working: files{}},
		study.Options{Languages: []string{"en", "fr"}, Version: "test"}); err != nil {
		t.Fatal(err)
	}
	csv := public["tables/data/by-age.csv"].String()
	for _, want := range []string{"Primary,École primaire,École primaire", "No_Edu,Aucune,Aucune", "Secondary_1,Secondary_1,Secondary_1"} {
		if !strings.Contains(csv, want) {
			t.Errorf("no %q in\n%s", want, csv)
		}
	}
	if strings.Index(csv, "Primary,") > strings.Index(csv, "No_Edu,") {
		t.Error("the levels are not in the form's order")
	}
}
