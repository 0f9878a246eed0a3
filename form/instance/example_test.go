package instance_test

import (
	"fmt"
	"time"

	"waymark/form"
	"waymark/form/instance"
)

// A record that is whole is taken, whatever it says; what does not fit its form is named by place, never by
// answer.
func Example() {
	f := &form.Form{ID: "site", Questions: []form.Question{
		{Path: form.Path{"place"}, Type: form.Geopoint},
		{Path: form.Path{"families"}, Type: form.Integer, Constraint: ". >= 0"},
	}}
	in, err := instance.Parse([]byte(`<data id="site" version="2">
		<place>91.0 7.2 0 0</place><families>-3</families>
		<meta><instanceID>uuid:1</instanceID></meta></data>`), instance.Limits{})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(in.FormID, in.Version, in.InstanceID)
	for _, i := range instance.NewChecker(f).Check(in, time.Time{}) {
		fmt.Println(i.Code, i.Place.Field)
	}
	// Output:
	// site 2 uuid:1
	// instance.latitude place
	// instance.constraint families
}

// A record that is cut off is refused whole.
func ExampleParse() {
	_, err := instance.Parse([]byte(`<data id="site"><families>3`), instance.Limits{})
	fmt.Println(err)
	// Output: instance.truncated at row 1 line=1
}
