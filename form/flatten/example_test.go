package flatten_test

import (
	"fmt"

	"waymark/form"
	"waymark/form/flatten"
	"waymark/form/instance"
)

// A record becomes one row, and one more for each instance of a repeat.
func Example() {
	person := form.Path{"person"}
	l := flatten.NewLayout(&form.Form{ID: "home", Groups: []form.Group{{Path: person, Repeat: true}}, Questions: []form.Question{
		{Path: form.Path{"rooms"}, Type: form.Integer},
		{Path: form.Path{"person", "age"}, Repeat: person, Type: form.Integer},
	}})
	in, err := instance.Parse([]byte(`<data id="home"><rooms>2</rooms><person><age>40</age></person><person><age>7</age></person>
		<meta><instanceID>uuid:1</instanceID></meta></data>`), instance.Limits{})
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, r := range l.Rows(in) {
		key, parent := l.Key(r.Table, in.InstanceID, r.At)
		fmt.Printf("%s %s %q %g\n", l.Tables[r.Table].Name, key, parent, r.Cells[0].Number)
	}
	// Output:
	// Submissions uuid:1 "" 2
	// Submissions.person uuid:1/person[1] "uuid:1" 40
	// Submissions.person uuid:1/person[2] "uuid:1" 7
}
