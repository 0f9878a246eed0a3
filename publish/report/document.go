package report

import (
	"waymark/lang"
	"waymark/publish/chart"
	"waymark/release"
)

// Document is a report without language: text keys, and numbers only as references into Cleared tables.
// Render writes it in one language; the same document gives every language, PDF included.
type Document struct {
	ID        string
	Title     Text
	Subtitle  Text
	Kicker    Text      // the line above the title: what kind of report, period
	Summary   FrontPage // page one
	Sections  []Section
	Standing  []Text   // further statements for page one and the foot of every page; those of the tables' caveats stand there of themselves
	Colophon  []Fact   // data hash, filter, versions, seeds
	Languages []string // tags of the languages the report exists in
}

// FrontPage says three findings, how sure, what to do and who should act.
type FrontPage struct {
	Findings []Finding
	Figures  []KeyFigure
}

// Finding is one headline: a sentence, how sure we are, what to do, who should act.
type Finding struct {
	Say    Text
	Sure   Text
	Do     Text
	Actors Text
	Anchor string // ID of the section that shows it
}

// KeyFigure is one big number with its words.
type KeyFigure struct {
	Number Arg
	Label  Text
}

// Section is a heading and its blocks; ID is the anchor.
type Section struct {
	ID     string
	Title  Text
	Blocks []Block
}

// Text is a message key of package lang and its arguments, or the plan's own words with {{.name}} where an
// argument goes.
type Text struct {
	Key  string
	Own  release.Labels // words by language, instead of a key
	Args map[string]Arg
}

// Empty says that there is nothing to write.
func (t Text) Empty() bool { return t.Key == "" && len(t.Own) == 0 }

// T is a Text without arguments.
func T(key string) Text { return Text{Key: key} }

// Arg is what may stand in a text: a cleared number, words, or another text. There is no way to give a
// bare number.
type Arg interface{ arg() }

// Number refers to one cell of a cleared table; it prints as the measure's form asks, "withheld" where
// suppressed.
type Number struct {
	Table  release.Cleared
	Row    int
	Column int
}

// Interval refers to the interval of the same cell: "1.3 to 2.9".
type Interval struct {
	Table  release.Cleared
	Row    int
	Column int
}

// Words are labels by language: the name of a country, a level, a data set.
type Words release.Labels

// Plain is the same in every language: a file name, a hash, a version, a date in ISO form. Never a result.
type Plain string

// Day is an ISO day written in the language's own way.
type Day string

// See is the ID of a section or figure, or the key of a table, of this document: it prints as a link, "Figure 3".
type See string

// Nested is another text as an argument; List joins several as the language does ("a, b and c").
type Nested Text
type List []Arg

func (Number) arg()   {}
func (Interval) arg() {}
func (Words) arg()    {}
func (Plain) arg()    {}
func (Day) arg()      {}
func (See) arg()      {}
func (Nested) arg()   {}
func (List) arg()     {}

// Block is one piece of a section.
type Block interface{ block() }

// Paragraph is running text; Bullets a list; Note a boxed remark (limits, caveats); Heading a sub-heading.
type Paragraph struct{ Text Text }
type Bullets struct{ Items []Text }
type Note struct{ Text Text }
type Heading struct{ Text Text }

// TableBlock shows a cleared table. Long says that it may be put into an annex file with only its first
// rows on the page.
type TableBlock struct {
	Table release.Cleared
	Long  bool
	Hide  []string // measures that are drawn but not printed
}

// Figure is a chart or map drawn in the language asked for, with its table shown below it, folded.
type Figure struct {
	ID      string
	Title   Text
	Summary Text // one sentence that says what the figure shows
	Table   release.Cleared
	Draw    func(p *lang.Printer, title, summary string) (chart.SVG, error)
	Narrow  func(p *lang.Printer, title, summary string) (chart.SVG, error) // the same for a telephone, with ids of its own; nil: Draw's, to be scrolled
	Note    Text                                                            // printed under it: boundary disclaimer, reading help
}

// Advice is one recommendation bound to a finding.
type Advice struct {
	Finding Text // the finding it rests on
	Do      Text
	Actors  Text
	Anchor  string
}

func (Paragraph) block()  {}
func (Bullets) block()    {}
func (Note) block()       {}
func (Heading) block()    {}
func (TableBlock) block() {}
func (Figure) block()     {}
func (Advice) block()     {}

// Fact is one line of the colophon.
type Fact struct {
	Label Text
	Value Arg
}
