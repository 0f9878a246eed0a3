package plan

import (
	"waymark/dataset"
)

// Kind is what a study is about; it decides which parts a plan must have and what its report looks like.
type Kind string

const (
	FlowSurvey     Kind = "flow-survey"     // interviews at flow monitoring points: outcomes, predictors, models
	Survey         Kind = "survey"          // any other interviews: the same parts, without the caveats of flow monitoring
	LocationCounts Kind = "location-counts" // key-informant figures by place: sums by area
)

// Labels are words by language, "en" and "fr" both required where a label is required.
type Labels = dataset.Labels

// Plan is a whole study as written.
type Plan struct {
	Format     string      `yaml:"waymark"` // "plan/1"
	ID         string      `yaml:"id"`      // file-name safe
	Kind       Kind        `yaml:"kind"`
	Title      Labels      `yaml:"title"`
	Subtitle   Labels      `yaml:"subtitle"`
	Period     Period      `yaml:"period"`
	Source     Labels      `yaml:"source"` // who made the data, printed under every table
	Data       DataSets    `yaml:"data"`   // by name; the first is what is analysed
	Derive     []Derived   `yaml:"derive"`
	Sample     []Rule      `yaml:"sample"`
	Disclosure Disclosure  `yaml:"disclosure"`
	Counts     *Counts     `yaml:"counts"`     // location-counts
	Indicators *Indicators `yaml:"indicators"` // surveys
	Outcomes   []Outcome   `yaml:"outcomes"`
	Predictors []Predictor `yaml:"predictors"`
	Conflict   *Conflict   `yaml:"conflict"`
	Models     []Model     `yaml:"models"`
	Profiles   *Profiles   `yaml:"profiles"`
	Tables     []Table     `yaml:"tables"`
	Map        *Map        `yaml:"map"`
	Places     *Places     `yaml:"places"` // where events happened
	Safety     *Safety     `yaml:"safety"` // perceived safety by country, with the intention to move on
	Robustness *Robustness `yaml:"robustness"`
	Statements []Statement `yaml:"statements"`
	Advice     []Advice    `yaml:"recommendations"`

	Text []byte `yaml:"-"` // the file as read
	Hash string `yaml:"-"` // sha256 of Text, hex
}

// Period is the time the data cover, ISO days.
type Period struct {
	From string `yaml:"from"`
	To   string `yaml:"to"`
}

// DataSets are the named data of a plan in the order written.
type DataSets []Data

// Data is one data set: what it is and how its file is to be read.
type Data struct {
	Name      string                `yaml:"name"`
	Title     Labels                `yaml:"title"`
	Unit      Labels                `yaml:"unit"` // what a row is
	Optional  bool                  `yaml:"optional"`
	Sheet     string                `yaml:"sheet"`     // of a workbook
	Header    int                   `yaml:"header"`    // row of the header, 1-based; 0: found
	Delimiter string                `yaml:"delimiter"` // "" found
	Encoding  string                `yaml:"encoding"`  // "" found
	Decimal   string                `yaml:"decimal"`   // "comma" or "point"; "" found
	Missing   map[string][]string   `yaml:"missing"`   // kind -> codes of the whole file
	Columns   map[string]ColumnHint `yaml:"columns"`
	Form      string                `yaml:"form"`     // name of another data set: the XLSForm with the labels
	Language  string                `yaml:"language"` // of a form: BCP 47 tag of its texts without a language
	Join      *Join                 `yaml:"join"`
}

// ColumnHint is what the plan says of one column of a file.
type ColumnHint struct {
	Kind    string              `yaml:"kind"` // number, category, date, text
	Missing map[string][]string `yaml:"missing"`
	Class   string              `yaml:"class"` // public, internal, restricted, strict
	Title   Labels              `yaml:"title"`
}

// Join brings columns of another data set to the rows of this one, by a key that is unique there.
type Join struct {
	Data    string   `yaml:"data"`
	Key     string   `yaml:"key"`
	Columns []string `yaml:"columns"`
}

// Disclosure is the gate's policy.
type Disclosure struct {
	MinPeople int `yaml:"min_people"` // default 10
}

// Rule keeps rows of the sample; what it removes is counted and shown.
type Rule struct {
	ID    string `yaml:"id"`
	Keep  string `yaml:"keep"` // a filter: "age >= 14", "consent = yes"
	Title Labels `yaml:"title"`
}

// Derived is a column made from another by a map of values, bands of numbers, or a scheme of regions.
type Derived struct {
	Name   string     `yaml:"name"`
	From   string     `yaml:"from"`
	Title  Labels     `yaml:"title"`
	Map    []MapEntry `yaml:"map"`
	Bands  []Band     `yaml:"bands"`
	Region string     `yaml:"region"` // a scheme of package place: the group of the country under it
}

// MapEntry says which values of the old column become one level; exactly one entry may be the rest.
type MapEntry struct {
	Code  string   `yaml:"code"`
	Title Labels   `yaml:"title"`
	Of    []string `yaml:"of"`
	Rest  bool     `yaml:"rest"`
}

// Band is an interval of numbers, From included, Below not.
type Band struct {
	Code  string   `yaml:"code"`
	Title Labels   `yaml:"title"`
	From  *float64 `yaml:"from"`
	Below *float64 `yaml:"below"`
}
