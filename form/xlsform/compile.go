package xlsform

import (
	"errors"
	"slices"
	"strings"
	"unicode"

	"waymark/fault"
	"waymark/form"
)

// What can be wrong with a form.
const (
	CodeNoSurvey           fault.Code = "xlsform.no-survey"           // have: sheets there are
	CodeNoColumn           fault.Code = "xlsform.no-column"           // column: missing from the sheet's header
	CodeColumnTwice        fault.Code = "xlsform.column-twice"        // column
	CodeNoType             fault.Code = "xlsform.no-type"             // name
	CodeNoName             fault.Code = "xlsform.no-name"             //
	CodeBadName            fault.Code = "xlsform.bad-name"            // name
	CodeNameTwice          fault.Code = "xlsform.name-twice"          // name, row: where it stands first
	CodeNameCase           fault.Code = "xlsform.name-case"           // name, row; soft
	CodeUnknownType        fault.Code = "xlsform.unknown-type"        // type
	CodeUnmatchedEnd       fault.Code = "xlsform.unmatched-end"       //
	CodeWrongEnd           fault.Code = "xlsform.wrong-end"           // name, row: of what is open
	CodeNotEnded           fault.Code = "xlsform.not-ended"           // name
	CodeNoList             fault.Code = "xlsform.no-list"             // name
	CodeUnknownList        fault.Code = "xlsform.unknown-list"        // list, name
	CodeUnknownQuestion    fault.Code = "xlsform.unknown-question"    // question, name
	CodeNoLabel            fault.Code = "xlsform.no-label"            // name; soft
	CodeChoiceNoList       fault.Code = "xlsform.choice-no-list"      // name
	CodeChoiceNoName       fault.Code = "xlsform.choice-no-name"      // list
	CodeChoiceTwice        fault.Code = "xlsform.choice-twice"        // list, name, row
	CodeChoiceSpace        fault.Code = "xlsform.choice-space"        // list, name
	CodeNoLanguageCode     fault.Code = "xlsform.no-language-code"    // language; soft
	CodeMissingTranslation fault.Code = "xlsform.missing-translation" // language, count; soft
	CodeBadText            fault.Code = "xlsform.bad-text"            //
	CodeTooLong            fault.Code = "xlsform.too-long"            // limit
)

// Options say what a form's sheets do not.
type Options struct {
	Document string // file name without its folder, for the place of issues
	Language string // BCP 47 tag of texts without a language; default: the form's default language, else "und"
}

// Sheets that are looked for by name. Of a setting given twice the first that is filled in holds.
const (
	survey   = "survey"
	settings = "settings"
)

// Compile reads the sheets of a form. The form is never nil; issues are in the order of sheets and rows.
func Compile(book Book, o Options) (*form.Form, fault.Issues) {
	c := &compiler{book: book, options: o, form: &form.Form{}, untagged: o.Language}
	c.settings()
	c.choices("choices", false)
	c.choices("external_choices", true)
	c.survey()
	c.checkLists()
	c.checkTexts()
	return c.form, c.issues
}

type compiler struct {
	book       Book
	options    Options
	form       *form.Form
	issues     fault.Issues
	untagged   string // tag of texts without a language
	duplicates bool   // a list may hold a choice twice
	spaced     []spacedChoice

	open  []opened          // groups and repeats being read
	names map[string]int    // path in lower case to row
	exact map[string]string // path in lower case to the path as first written
}

type opened struct {
	name   string
	repeat bool
	row    int
}

// spacedChoice is a choice with a space in its code: wrong in a list that several may be chosen from.
type spacedChoice struct {
	list, name, sheet string
	row, column       int
}

func (c *compiler) issue(code fault.Code, severity fault.Severity, place fault.Place, args map[string]any) {
	place.Document = c.options.Document
	c.issues = append(c.issues, fault.Issue{Code: code, Severity: severity, Place: place, Args: args})
}

// sheet finds a sheet without regard to case and spaces and gives its rows from the header on; first is the
// header's row number.
func (c *compiler) sheet(name string) (rows [][]string, first int, title string) {
	for _, have := range c.book.Sheets() {
		if !strings.EqualFold(clean(have), name) {
			continue
		}
		rows, err := c.book.Rows(have)
		if err != nil {
			c.failed(err)
			return nil, 0, have
		}
		for i, row := range rows {
			if !blank(row) {
				return rows[i:], i + 1, have
			}
		}
		return nil, 0, have
	}
	return nil, 0, ""
}

func (c *compiler) failed(err error) {
	var issue fault.Issue
	if errors.As(err, &issue) {
		c.issues = append(c.issues, issue)
		return
	}
	c.issue(CodeBadText, fault.Hard, fault.Place{}, nil)
}

// header reads the header row of a sheet and refuses two columns of one meaning.
func (c *compiler) header(row []string, at int, sheet string, names map[string]string) columns {
	cols := columnsOf(row, names)
	for name, list := range cols {
		seen := map[string]bool{}
		slices.SortFunc(list, func(a, b column) int { return a.index - b.index })
		for _, col := range list {
			tag := col.language.Tag
			if seen[tag] && sheet != settings {
				c.issue(CodeColumnTwice, fault.Hard, fault.Place{Sheet: sheet, Row: at, Column: col.index + 1}, map[string]any{"column": clean(row[col.index])})
			}
			seen[tag] = true
		}
		if name == "label" || name == "hint" {
			c.languages(list, sheet, at)
		}
	}
	return cols
}

// languages notes the languages of a sheet's columns.
func (c *compiler) languages(list []column, sheet string, row int) {
	for _, col := range list {
		l := col.language
		if l.Tag == "" {
			l.Tag = c.untagged
		}
		known := slices.ContainsFunc(c.form.Texts, func(have form.Language) bool { return have.Tag == l.Tag })
		if known {
			continue
		}
		c.form.Texts = append(c.form.Texts, l)
		if l.Name != "" && !strings.HasSuffix(l.Name, ")") {
			c.issue(CodeNoLanguageCode, fault.Soft, fault.Place{Sheet: sheet, Row: row, Column: col.index + 1}, map[string]any{"language": l.Name, "code": l.Tag})
		}
	}
}

func (c *compiler) settings() {
	if rows, at, _ := c.sheet(settings); len(rows) > 1 {
		cols := c.header(rows[0], at, settings, settingColumns)
		row := rows[1]
		c.form.ID, c.form.Title, c.form.Version = cols.cell(row, "id"), cols.cell(row, "title"), cols.cell(row, "version")
		c.form.Language = language(cols.cell(row, "language")).Tag
		c.duplicates = yes(cols.cell(row, "duplicates"))
	}
	if c.untagged == "" {
		c.untagged = c.form.Language
	}
	if c.untagged == "" {
		c.untagged = "und"
	}
	if c.form.Language == "" {
		c.form.Language = c.untagged
	}
}

// yes reads the words that forms use for true.
func yes(s string) bool {
	switch strings.ToLower(s) {
	case "yes", "true", "true()", "1", "1.0", "y":
		return true
	}
	return false
}

func (c *compiler) choices(name string, external bool) {
	rows, at, sheet := c.sheet(name)
	if len(rows) == 0 {
		return
	}
	cols := c.header(rows[0], at, sheet, choiceColumns)
	missing := false
	for _, want := range []string{"list", "name"} {
		if !cols.has(want) {
			c.issue(CodeNoColumn, fault.Hard, fault.Place{Sheet: sheet, Row: at}, map[string]any{"column": map[string]string{"list": "list_name", "name": "name"}[want]})
			missing = true
		}
	}
	if missing {
		return
	}
	lists := map[string]int{}    // to the list's place in the form
	first := map[[2]string]int{} // list and choice to row
	for i, row := range rows[1:] {
		n := at + 1 + i
		list, choice := cols.cell(row, "list"), cols.cell(row, "name")
		labels := cols.labels(row, "label", c.untagged)
		switch {
		case list == "" && choice == "" && len(labels) == 0:
			continue
		case list == "":
			c.issue(CodeChoiceNoList, fault.Hard, fault.Place{Sheet: sheet, Row: n, Column: cols.at("list")}, map[string]any{"name": choice})
			continue
		case choice == "":
			c.issue(CodeChoiceNoName, fault.Hard, fault.Place{Sheet: sheet, Row: n, Column: cols.at("name")}, map[string]any{"list": list})
			continue
		}
		k, ok := lists[list]
		if !ok {
			k = len(c.form.Lists)
			lists[list] = k
			c.form.Lists = append(c.form.Lists, form.List{Name: list, External: external})
		}
		if strings.ContainsFunc(choice, unicode.IsSpace) {
			c.spaced = append(c.spaced, spacedChoice{list, choice, sheet, n, cols.at("name")})
		}
		key := [2]string{list, choice}
		if before, twice := first[key]; twice && !external && !c.duplicates {
			c.issue(CodeChoiceTwice, fault.Hard, fault.Place{Sheet: sheet, Row: n, Column: cols.at("name")}, map[string]any{"list": list, "name": choice, "row": before})
		} else if !twice {
			first[key] = n
		}
		c.form.Lists[k].Choices = append(c.form.Lists[k].Choices, form.Choice{Name: choice, Labels: labels, Row: n})
	}
}

func (c *compiler) survey() {
	rows, at, sheet := c.sheet(survey)
	if sheet == "" && len(c.book.Sheets()) == 1 { // the only sheet of a workbook is the survey
		rows, at, sheet = c.sheet(clean(c.book.Sheets()[0]))
	}
	if len(rows) == 0 {
		have := c.book.Sheets()
		for i := range have {
			have[i] = clean(have[i])
		}
		c.issue(CodeNoSurvey, fault.Hard, fault.Place{}, map[string]any{"have": strings.Join(have, ", ")})
		return
	}
	cols := c.header(rows[0], at, sheet, surveyColumns)
	missing := false
	for _, want := range []string{"type", "name"} {
		if !cols.has(want) {
			c.issue(CodeNoColumn, fault.Hard, fault.Place{Sheet: sheet, Row: at}, map[string]any{"column": want})
			missing = true
		}
	}
	if missing {
		return
	}
	c.names, c.exact = map[string]int{}, map[string]string{}
	for i, row := range rows[1:] {
		c.row(row, at+1+i, sheet, cols)
	}
	for _, o := range c.open {
		c.issue(CodeNotEnded, fault.Hard, fault.Place{Sheet: sheet, Row: o.row, Column: cols.at("type")}, map[string]any{"name": o.name})
	}
}

// row reads one row of the survey.
func (c *compiler) row(row []string, n int, sheet string, cols columns) {
	kind, name := cols.cell(row, "type"), cols.cell(row, "name")
	labels := cols.labels(row, "label", c.untagged)
	switch {
	case yes(cols.cell(row, "disabled")):
		return
	case kind == "" && name == "" && len(labels) == 0: // a remark of the author's
		return
	case kind == "":
		c.issue(CodeNoType, fault.Hard, fault.Place{Sheet: sheet, Row: n, Column: cols.at("type"), Field: name}, map[string]any{"name": name})
		return
	}
	typeAt := fault.Place{Sheet: sheet, Row: n, Column: cols.at("type"), Field: name}
	nameAt := fault.Place{Sheet: sheet, Row: n, Column: cols.at("name"), Field: name}
	relevant := cols.cell(row, "relevant")
	switch b := parseBracket(kind); b {
	case beginGroup, beginRepeat:
		c.begin(form.Group{Labels: labels, Repeat: b == beginRepeat, Relevant: relevant, Row: n}, name, nameAt)
		return
	case endGroup, endRepeat:
		c.end(b == endRepeat, typeAt)
		return
	}
	t, ok := parseType(kind)
	if !ok {
		c.issue(CodeUnknownType, fault.Hard, typeAt, map[string]any{"type": kind})
	}
	if name == "" && (t.is == form.Note || t.is == form.Audit) { // neither holds an answer: a phone gives them a name
		return
	}
	if !c.named(name, n, nameAt) {
		return
	}
	q := form.Question{Path: c.path(name), Repeat: c.repeat(), Type: t.is, Written: kind, List: t.list, File: t.file, Other: t.other,
		Labels: labels, Hints: cols.labels(row, "hint", c.untagged), Relevant: relevant, Row: n}
	switch {
	case t.is.Select() && t.list == "" && t.file == "" && t.question == "":
		c.issue(CodeNoList, fault.Hard, typeAt, map[string]any{"name": name})
	case t.list != "" && !strings.Contains(t.list, "${") && c.list(t.list, t.external) == nil:
		c.issue(CodeUnknownList, fault.Hard, typeAt, map[string]any{"list": t.list, "name": name})
	case t.question != "" && !slices.ContainsFunc(c.form.Questions, func(q form.Question) bool { return q.Name() == t.question }):
		c.issue(CodeUnknownQuestion, fault.Hard, typeAt, map[string]any{"question": t.question, "name": name})
	}
	if t.is.Asked() && len(q.Labels) == 0 && len(q.Hints) == 0 && t.is != form.Geopoint && t.is != form.Audio {
		c.issue(CodeNoLabel, fault.Soft, fault.Place{Sheet: sheet, Row: n, Column: cols.at("label"), Field: name}, map[string]any{"name": name})
	}
	c.form.Questions = append(c.form.Questions, q)
}

func (c *compiler) list(name string, external bool) *form.List {
	for i := range c.form.Lists {
		if l := &c.form.Lists[i]; l.Name == name && l.External == external {
			return l
		}
	}
	return nil
}

func (c *compiler) begin(g form.Group, name string, at fault.Place) {
	if name == "" && g.Repeat {
		c.issue(CodeNoName, fault.Hard, at, nil)
	}
	if name != "" {
		c.named(name, g.Row, at)
		g.Path = c.path(name)
		c.form.Groups = append(c.form.Groups, g)
	}
	c.open = append(c.open, opened{name, g.Repeat, g.Row})
}

func (c *compiler) end(repeat bool, at fault.Place) {
	if len(c.open) == 0 {
		c.issue(CodeUnmatchedEnd, fault.Hard, at, nil)
		return
	}
	last := c.open[len(c.open)-1]
	if last.repeat != repeat {
		c.issue(CodeWrongEnd, fault.Hard, at, map[string]any{"name": last.name, "row": last.row})
	}
	c.open = c.open[:len(c.open)-1]
}

// named checks a name and notes it; false where there is none to go on with.
func (c *compiler) named(name string, row int, at fault.Place) bool {
	if name == "" {
		c.issue(CodeNoName, fault.Hard, at, nil)
		return false
	}
	if !isName(name) {
		c.issue(CodeBadName, fault.Hard, at, map[string]any{"name": name})
	}
	path := c.path(name).String()
	lower := strings.ToLower(path)
	before, twice := c.names[lower]
	switch {
	case twice && c.exact[lower] == path:
		c.issue(CodeNameTwice, fault.Hard, at, map[string]any{"name": name, "row": before})
	case twice:
		c.issue(CodeNameCase, fault.Soft, at, map[string]any{"name": name, "row": before})
	default:
		c.names[lower], c.exact[lower] = row, path
	}
	return true
}

// path gives the names of what is open, and one more.
func (c *compiler) path(name string) form.Path {
	var p form.Path
	for _, o := range c.open {
		if o.name != "" {
			p = append(p, o.name)
		}
	}
	return append(p, name)
}

// repeat gives the path of the innermost open repeat.
func (c *compiler) repeat() form.Path {
	for i := len(c.open) - 1; i >= 0; i-- {
		if !c.open[i].repeat || c.open[i].name == "" {
			continue
		}
		var p form.Path
		for _, o := range c.open[:i+1] {
			if o.name != "" {
				p = append(p, o.name)
			}
		}
		return p
	}
	return nil
}

// isName knows names that XML allows.
func isName(s string) bool {
	for i, r := range s {
		if !unicode.IsLetter(r) && r != '_' && (i == 0 || !unicode.IsDigit(r) && r != '-' && r != '.') {
			return false
		}
	}
	return s != ""
}

// checkLists refuses codes with a space where several are written into one cell with spaces between.
func (c *compiler) checkLists() {
	several := map[string]bool{}
	for _, q := range c.form.Questions {
		if q.Type == form.SelectMultiple || q.Type == form.Rank {
			several[q.List] = true
		}
	}
	for _, s := range c.spaced {
		if several[s.list] {
			c.issue(CodeChoiceSpace, fault.Hard, fault.Place{Sheet: s.sheet, Row: s.row, Column: s.column}, map[string]any{"list": s.list, "name": s.name})
		}
	}
}

// checkTexts counts, for each language, the questions that have a text in another language only.
func (c *compiler) checkTexts() {
	if len(c.form.Texts) < 2 {
		return
	}
	for _, l := range c.form.Texts {
		count := 0
		for _, q := range c.form.Questions {
			if len(q.Labels) > 0 && q.Labels[l.Tag] == "" {
				count++
			}
		}
		if count > 0 {
			name := l.Name
			if name == "" {
				name = l.Tag
			}
			c.issue(CodeMissingTranslation, fault.Soft, fault.Place{Sheet: survey}, map[string]any{"language": name, "count": count})
		}
	}
}
