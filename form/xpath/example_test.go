package xpath_test

import (
	"fmt"

	"waymark/form/xpath"
)

// An expression is parsed once and worked out at a node of a record.
func Example() {
	root := &xpath.Node{Name: "data"}
	age := &xpath.Node{Name: "age", Text: "17", Parent: root}
	root.Children = []*xpath.Node{age}

	e, err := xpath.Parse("if(. < 18, 'minor', 'adult')")
	if err != nil {
		fmt.Println(err)
		return
	}
	v, err := e.Evaluate(&xpath.Context{Node: age})
	fmt.Println(v.Text(), err)
	// Output: minor <nil>
}

// What an author mistyped is found with its place in the expression.
func ExampleExpr_Check() {
	e, _ := xpath.Parse("selected(${needs}, 'food') and tody() > ${since}")
	for _, i := range e.Check() {
		fmt.Println(i.Code, i.Args["function"], i.Args["column"])
	}
	// Output: xpath.unknown-function tody 32
}

// Two answers that wait for each other are never worked out.
func ExampleCycle() {
	total, _ := xpath.Parse("/data/part * 2")
	part, _ := xpath.Parse("/data/total div 2")
	fmt.Println(xpath.Cycle(map[string]xpath.Logic{"/data/total": {Calculation: total}, "/data/part": {Calculation: part}}, nil))
	// Output: [/data/part /data/total]
}
