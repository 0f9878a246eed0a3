package csv_test

import (
	"fmt"
	"strings"

	"waymark/dataset"
	"waymark/dataset/csv"
)

func ExampleRead() {
	file := "site;people\nA;1.250\nB;-99\nC\n"
	loaded, err := csv.Read(strings.NewReader(file), csv.Options{ReadOptions: dataset.ReadOptions{
		Document: "sites.csv", Missing: dataset.MissingCodes{"-99": dataset.Unknown}, Decimal: dataset.DecimalComma,
	}})
	if err != nil {
		fmt.Println(err)
		return
	}
	people := loaded.Table.Column("people")
	for i := range people.Rows() {
		fmt.Printf("%v %q\n", people.Number(i), people.Missing(i))
	}
	fmt.Println(loaded.Accounts.Line())
	for issue := range loaded.Accounts.Rejected() {
		fmt.Println(issue)
	}
	// Output:
	// 1250 ""
	// NaN "unknown"
	// dataset.accounts at sites.csv count=3 document=sites.csv listed=1 loaded=2 read=3
	// dataset.ragged-row at sites.csv, row 4 have=1 row=4 want=2
}
