package plan

// Indicators are the questions on exploitation and the sets made of them.
type Indicators struct {
	Yes   []string `yaml:"yes"` // codes that mean yes, in every item
	No    []string `yaml:"no"`
	Items []Item   `yaml:"items"`
	Sets  []Set    `yaml:"sets"`
}

// Item is one indicator: the same question on the respondent, on family travelling along, and on what was
// seen or heard of, each a column; and the column of the country where it happened.
type Item struct {
	ID     string `yaml:"id"`
	Title  Labels `yaml:"title"`
	Own    string `yaml:"own"`
	Family string `yaml:"family"`
	Seen   string `yaml:"seen"`
	Place  string `yaml:"place"`
	Factor string `yaml:"factor"`
}

// Set is a named, dated list of indicators: the headline changes with the set.
type Set struct {
	ID    string   `yaml:"id"`
	Date  string   `yaml:"date"` // since when the set is asked so, "2017-02"
	Title Labels   `yaml:"title"`
	Items []string `yaml:"items"`
}

// Outcome is a yes-or-no of a person: one item, any of a set, or a column of its own.
type Outcome struct {
	ID     string   `yaml:"id"`
	Title  Labels   `yaml:"title"`
	Item   string   `yaml:"item"`
	Set    string   `yaml:"set"`
	Scope  []string `yaml:"scope"` // own, family, seen; default own
	Column string   `yaml:"column"`
	Yes    []string `yaml:"yes"` // with Column
	No     []string `yaml:"no"`
	Phrase Labels   `yaml:"phrase"` // what people with it do, a verb and what follows: "report forced work"
}

// Predictor is a factor or a number that may explain an outcome.
type Predictor struct {
	ID     string   `yaml:"id"`
	Column string   `yaml:"column"` // default: ID
	Title  Labels   `yaml:"title"`
	Number bool     `yaml:"number"` // enters as a number
	Per    float64  `yaml:"per"`    // unit of a number's odds ratio; default 1
	Levels []Choice `yaml:"levels"` // the first is the reference
	Level  string   `yaml:"level"`  // individual, household_family, community, structural
	Factor string   `yaml:"factor"` // id of the DoMV vocabulary, or "none"
	Reason string   `yaml:"reason"` // why none
	Side   string   `yaml:"side"`   // risk, protective, either: what the levels after the reference are expected to be; default the vocabulary's
}

// Choice is one level of a predictor; Of lists the values of the column that become it, default its code.
// Phrase names the people of the level in a sentence, a plural that can be its subject: "people who travelled
// alone", « les personnes qui ont voyagé seules ».
type Choice struct {
	Code   string   `yaml:"code"`
	Title  Labels   `yaml:"title"`
	Of     []string `yaml:"of"`
	Phrase Labels   `yaml:"phrase"`
}

// Conflict joins conflict in the country of departure, by country and year, from a file of the plan's.
type Conflict struct {
	Data        string               `yaml:"data"`
	Country     string               `yaml:"country"` // column of the interviews: ISO3, ISO2, M49 or a name
	Year        string               `yaml:"year"`    // column of the interviews: year of departure
	Columns     ConflictColumns      `yaml:"columns"`
	Absent      string               `yaml:"absent"` // what a country the file does not know means: "unknown" (default) or "none"
	Why         Labels               `yaml:"why"`    // required with absent: none
	Definitions []ConflictDefinition `yaml:"definitions"`
}

// ConflictColumns are the columns of the conflict file; Indicator is of a long file, one row a measure.
type ConflictColumns struct {
	Country   string `yaml:"country"`
	Year      string `yaml:"year"`
	Value     string `yaml:"value"`
	Indicator string `yaml:"indicator"`
}

// ConflictDefinition makes the yes-or-no predictor ID from a measure and a threshold.
type ConflictDefinition struct {
	ID      string  `yaml:"id"`
	Title   Labels  `yaml:"title"`
	Measure string  `yaml:"measure"` // value of the indicator column, or a column of a wide file
	AtLeast float64 `yaml:"at_least"`
	Yes     Labels  `yaml:"yes"` // phrases of its two levels, as a Choice has one
	No      Labels  `yaml:"no"`
}

// Model is one multilevel logistic model.
type Model struct {
	ID           string   `yaml:"id"`
	Title        Labels   `yaml:"title"`
	Outcome      string   `yaml:"outcome"`
	Predictors   []string `yaml:"predictors"`
	Interactions []string `yaml:"interactions"` // "route:sex"
	Groups       []string `yaml:"groups"`       // columns with a random intercept
	Where        string   `yaml:"where"`        // a filter
	Method       string   `yaml:"method"`       // default as the kernel chooses
}

// Profiles are the people whose probability a model predicts.
type Profiles struct {
	Model string            `yaml:"model"`
	At    map[string]string `yaml:"at"` // predictor -> level, for every profile unless it says otherwise
	Each  []Profile         `yaml:"each"`
}

// Profile is one named kind of person. Kind groups profiles: men, boys, women, girls.
type Profile struct {
	ID    string            `yaml:"id"`
	Title Labels            `yaml:"title"`
	Kind  string            `yaml:"kind"`
	At    map[string]string `yaml:"at"`
}

// Table is a table of indicators by a column.
type Table struct {
	ID       string   `yaml:"id"`
	Title    Labels   `yaml:"title"`
	Outcomes []string `yaml:"outcomes"`
	By       []string `yaml:"by"`
}

// Map draws people by country.
type Map struct {
	Country   string        `yaml:"country"` // column
	Title     Labels        `yaml:"title"`
	Clearance *MapClearance `yaml:"clearance"` // none: the map is stamped as a draft
}

// MapClearance records that whoever must has agreed to the boundaries and names of the map.
type MapClearance struct {
	By  string `yaml:"by"`  // an office or function, never a person's name
	Day string `yaml:"day"` // ISO day
}

// Places tells where events happened, from the place columns of the items.
type Places struct {
	Title Labels `yaml:"title"`
	Top   int    `yaml:"top"` // countries shown; the rest in one row; default 8
}

// Safety tells how safe people feel in a country and whether they mean to move on from it.
type Safety struct {
	Title   Labels `yaml:"title"`
	Country string `yaml:"country"` // column: the country that is felt to be safe or not
	Feels   string `yaml:"feels"`   // a predictor of two levels: the reference, and feeling unsafe
	Onward  string `yaml:"onward"`  // an outcome: means to move on
}

// Robustness lists what the main result is tested against; the grid is their product.
type Robustness struct {
	Model    string     `yaml:"model"`
	Focus    []Contrast `yaml:"focus"`
	Outcomes []string   `yaml:"outcomes"`
	Conflict []string   `yaml:"conflict"` // definitions
	Groups   [][]string `yaml:"groups"`
	Without  [][]string `yaml:"without"` // sets of predictors left out; [] keeps all
	Sites    *Sites     `yaml:"sites"`
}

// Sites leaves out interview sites with few interviews.
type Sites struct {
	Column string `yaml:"column"`
	Min    int    `yaml:"min"` // default 30
}

// Contrast is a level of a predictor against its reference, or a number's slope.
type Contrast struct {
	Predictor string `yaml:"predictor"`
	Level     string `yaml:"level"`
}

// Statement binds one statement of IOM's release (the catalogue is in package vulnerability) to this plan.
type Statement struct {
	ID       string   `yaml:"id"`
	Model    string   `yaml:"model"`
	Contrast Contrast `yaml:"contrast"`
	Outcomes []string `yaml:"outcomes"` // with several, the model is refitted for each
	Rest     bool     `yaml:"rest"`     // compare the level with all others together, not with the reference
	Against  string   `yaml:"against"`  // another model to compare with (children)
}

// Advice extends the library of recommendations.
type Advice struct {
	ID     string   `yaml:"id"`
	When   Contrast `yaml:"when"`
	Side   string   `yaml:"side"` // risk or protective
	Do     Labels   `yaml:"do"`
	Actors Labels   `yaml:"actors"`
}

// Counts are sums of key-informant figures by place.
type Counts struct {
	Measures []CountMeasure `yaml:"measures"`
	Tables   []CountTable   `yaml:"tables"`
}

// CountMeasure is a column to sum. People names the measure that says how many people stand behind it;
// default itself.
type CountMeasure struct {
	ID     string `yaml:"id"`
	Column string `yaml:"column"`
	Title  Labels `yaml:"title"`
	People string `yaml:"people"`
	Say    Labels `yaml:"say"`  // with {{.number}} for the total: a whole sentence, or of a part its words ("{{.number}} men")
	Rows   bool   `yaml:"rows"` // count the rows that have a value in Column instead of summing it
}

// CountTable is measures by a column, with a total.
type CountTable struct {
	ID       string     `yaml:"id"`
	Title    Labels     `yaml:"title"`
	By       string     `yaml:"by"`
	Dim      Labels     `yaml:"dim"`
	Measures []string   `yaml:"measures"`
	Parts    [][]string `yaml:"parts"` // [whole, part, part...]: measures that add up
	Levels   []Choice   `yaml:"levels"`
	Headline string     `yaml:"headline"` // the measure named in the findings
}
