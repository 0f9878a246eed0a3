package place_test

import (
	"fmt"

	"waymark/place"
)

func Example() {
	table := place.Countries()
	country, ok := table.ByName("DR Congo (Zaire)")
	fmt.Println(ok, country.ISO3, country.Name("fr"))

	scheme, err := table.Scheme("survey-regions")
	if err != nil {
		fmt.Println(err)
		return
	}
	group, _ := scheme.Of("NGA")
	fmt.Println(group.Code, group.Name("fr"))

	for _, s := range table.Suggest("Sengal", 1) {
		fmt.Println(s.Country.Name("en"))
	}
	// Output:
	// true COD République démocratique du Congo
	// west-africa Afrique de l’Ouest
	// Senegal
}
