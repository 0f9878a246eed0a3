package simulate

import (
	"math"
	"math/rand/v2"
	"slices"
	"strings"

	"waymark/dataset"
	"waymark/fault"
	"waymark/stat/formula"
	"waymark/stat/glmm"
)

// Fitted is a logistic model that a survey can be drawn from: its formula, the columns it reads besides the
// outcome, and what was estimated.
type Fitted struct {
	Formula    string
	Outcome    string
	Covariates []string // predictors and grouping factors
	Design     *formula.Design
	Coef       []float64 // of each of the design's Names; NaN: could not be told apart, and drawn as zero
	SD         []float64 // of the random intercept of each of the design's Random
}

// RedrawOptions say how a survey is drawn from a fitted model.
type RedrawOptions struct {
	Rows   int         // 0: as many as the model used
	Source rand.Source // required
	// People is the smallest number of people behind a level, or a pair of levels, that is drawn where the
	// covariates are those of real people; 0: 10.
	People int
}

// How the covariates of a drawn survey came about.
const (
	CovariatesKept      = "kept"      // the rows of the model, which were simulated
	CovariatesResampled = "resampled" // drawn with replacement from such rows
	CovariatesChain     = "chain"     // drawn column by column; no row of the file was copied
)

// RedrawTruth is what a survey was drawn with.
type RedrawTruth struct {
	Notice       string              `json:"notice"`
	Class        string              `json:"class"`
	Formula      string              `json:"formula"`
	Rows         int                 `json:"rows"`
	Covariates   string              `json:"covariates"`
	Coefficients []Parameter         `json:"coefficients"`
	SD           []Parameter         `json:"sd"`     // of the random intercepts, on the log-odds scale
	Levels       map[string][]string `json:"levels"` // of each category of the formula, reference first
}

// Parameter is a named number.
type Parameter struct {
	Name  string  `json:"name"`
	Value float64 `json:"value"`
}

// Codes of what a survey cannot be drawn from.
const (
	CodeTooFewPeople fault.Code = "simulate.too-few-people" // column, people
	CodeLostLevel    fault.Code = "simulate.lost-level"     // term
	CodeTextColumn   fault.Code = "simulate.text-column"    // column
)

const fewestPeople = 10

// Invented says whether a table is one of ours: every row of its column "simulated" holds the notice.
func Invented(t *dataset.Table) bool {
	c := t.Column("simulated")
	if c == nil || t.Rows() == 0 {
		return false
	}
	for i := range t.Rows() {
		if c.Level(i) != Notice {
			return false
		}
	}
	return true
}

// Redraw draws a survey from a fitted model: covariates, new group effects from the fitted standard
// deviations, and new answers from the fitted coefficients. t is the table that the model was fitted to.
//
// Where invented is true the rows of t tell of nobody, and their covariates are kept or resampled whole.
// Otherwise no row is copied: whole rows of covariates of real people would still tell who they are.
// Covariates are then drawn along a tree of pairs of columns (drawTree), from counts of at least People.
// Every row says that it is simulated.
func Redraw(t *dataset.Table, invented bool, m Fitted, o RedrawOptions) (*dataset.Table, RedrawTruth, error) {
	r := rand.New(o.Source)
	if o.People <= 0 {
		o.People = fewestPeople
	}
	covariates, how, err := drawCovariates(t, invented, m, o, r)
	if err != nil {
		return nil, RedrawTruth{}, err
	}
	design, truth, err := redesign(covariates, m)
	if err != nil {
		return nil, RedrawTruth{}, err
	}
	drawn := glmm.SimulateDesign(design, truth, o.Source)
	out := &dataset.Table{Name: "survey-from"}
	made := dataset.NewBuilder(dataset.Field{Name: "simulated", Kind: dataset.Category, Levels: []dataset.Level{{Code: Notice}}})
	answer := dataset.NewBuilder(dataset.Field{Name: m.Outcome, Kind: dataset.Category, Class: dataset.Internal,
		Levels: []dataset.Level{{Code: "no"}, {Code: "yes"}}})
	for _, y := range drawn.Y {
		made.Code(0)
		answer.Code(int(y))
	}
	out.Columns = append(out.Columns, made.Column(), answer.Column())
	for _, c := range covariates.Columns {
		if c.Name == "simulated" || c.Name == m.Outcome {
			continue
		}
		out.Columns = append(out.Columns, c.WithField(func(f *dataset.Field) { f.Class = dataset.Internal }))
	}
	return out, redrawTruth(m, design, truth, how, out), nil
}

// drawCovariates makes the rows that answers are drawn for.
func drawCovariates(t *dataset.Table, invented bool, m Fitted, o RedrawOptions, r *rand.Rand) (*dataset.Table, string, error) {
	used := make([]int, m.Design.Used)
	for i := range used {
		used[i] = i
		if m.Design.Index != nil {
			used[i] = int(m.Design.Index[i])
		}
	}
	all, err := t.Select(m.Covariates...)
	if err != nil {
		return nil, "", err
	}
	for j, c := range all.Columns {
		if slices.ContainsFunc(m.Design.Random, func(g formula.Group) bool { return g.Label == c.Name }) {
			all.Columns[j] = sorted(c)
		}
	}
	if !invented {
		rows := o.Rows
		if rows == 0 {
			rows = len(used)
		}
		out, err := drawStrangers(all.Take(used), m.Design, rows, o.People, r)
		return out, CovariatesChain, err
	}
	if o.Rows == 0 {
		return all.Take(used), CovariatesKept, nil
	}
	picked := make([]int, o.Rows)
	for i := range picked {
		picked[i] = used[r.IntN(len(used))]
	}
	return all.Take(picked), CovariatesResampled, nil
}

// drawStrangers draws rows of covariates that are nobody's. Groups too small to be counted are invented, the
// other columns drawn along a tree of pairs.
func drawStrangers(t *dataset.Table, d *formula.Design, rows, people int, r *rand.Rand) (*dataset.Table, error) {
	groups := map[string]*dataset.Column{}
	counted := &dataset.Table{Name: t.Name}
	for _, c := range t.Columns {
		grouping := slices.ContainsFunc(d.Random, func(g formula.Group) bool { return g.Label == c.Name })
		if !grouping || c.Kind != dataset.Category || !smallGroups(c, people) {
			counted.Columns = append(counted.Columns, c)
			continue
		}
		if groups[c.Name] = inventGroups(c, rows, people, r); groups[c.Name] == nil {
			return nil, fault.Issue{Code: CodeTooFewPeople, Args: map[string]any{"column": c.Name, "people": people}}
		}
	}
	drawn, err := drawTree(counted, rows, people, r)
	if err != nil {
		return nil, err
	}
	out := &dataset.Table{Name: t.Name}
	for _, c := range t.Columns {
		if g := groups[c.Name]; g != nil {
			out.Columns = append(out.Columns, g)
			continue
		}
		out.Columns = append(out.Columns, drawn.Column(c.Name))
	}
	return out, nil
}

// sorted gives a category with its levels in order of their codes: group effects are drawn level by level, and
// a file of another format may list the same levels in another order.
func sorted(c *dataset.Column) *dataset.Column {
	if c.Kind != dataset.Category {
		return c
	}
	field := c.Field
	field.Levels = slices.SortedFunc(slices.Values(c.Levels), func(a, b dataset.Level) int { return strings.Compare(a.Code, b.Code) })
	b := dataset.NewBuilder(field)
	for i := range c.Rows() {
		b.Copy(c, i)
	}
	return b.Column()
}

// redesign applies the formula to new rows and carries the estimates over by name: levels that were not
// drawn have no coefficient there.
func redesign(covariates *dataset.Table, m Fitted) (*formula.Design, glmm.Parameters, error) {
	none := glmm.Parameters{}
	blank := dataset.NewBuilder(dataset.Field{Name: m.Outcome, Kind: dataset.Number})
	for i := range covariates.Rows() {
		blank.Number(float64(i % 2)) // a response of some kind: only the matrices are wanted
	}
	with, err := covariates.WithColumn(blank.Column())
	if err != nil {
		return nil, none, err
	}
	f, err := formula.Parse(m.Formula)
	if err != nil {
		return nil, none, err
	}
	d, err := formula.Build(f, with, formula.Options{Response: formula.Binary, KeepLevelOrder: true})
	if err != nil {
		return nil, none, err
	}
	estimate := map[string]float64{}
	for k, name := range m.Design.Names {
		estimate[name] = m.Coef[k]
	}
	truth := glmm.Parameters{Family: glmm.Binomial, Coef: make([]float64, len(d.Names))}
	for k, name := range d.Names {
		b, known := estimate[name]
		if !known { // the reference of the fit was not drawn, so that another level took its place
			return nil, none, fault.Issue{Code: CodeLostLevel, Args: map[string]any{"term": name}}
		}
		if !math.IsNaN(b) {
			truth.Coef[k] = b
		}
	}
	if lost := lostReference(m.Design, d); lost != "" {
		return nil, none, fault.Issue{Code: CodeLostLevel, Args: map[string]any{"term": lost}}
	}
	for _, sd := range m.SD {
		truth.Factors = append(truth.Factors, [][]float64{{sd}})
	}
	return d, truth, nil
}

// lostReference names a factor whose reference level in the fit is not that of the new rows.
func lostReference(fitted, drawn *formula.Design) string {
	first := map[string]string{}
	for _, t := range fitted.Terms {
		for _, f := range t.Factors {
			first[f.Variable] = f.Levels[0]
		}
	}
	for _, t := range drawn.Terms {
		for _, f := range t.Factors {
			if first[f.Variable] != f.Levels[0] {
				return f.Variable + first[f.Variable]
			}
		}
	}
	return ""
}

func redrawTruth(m Fitted, d *formula.Design, p glmm.Parameters, how string, t *dataset.Table) RedrawTruth {
	out := RedrawTruth{Notice: Notice, Class: dataset.Internal.String(), Formula: m.Formula, Rows: t.Rows(), Covariates: how,
		Coefficients: []Parameter{}, SD: []Parameter{}, Levels: map[string][]string{m.Outcome: {"no", "yes"}}}
	for k, name := range d.Names {
		out.Coefficients = append(out.Coefficients, Parameter{name, p.Coef[k]})
	}
	for g, sd := range m.SD {
		out.SD = append(out.SD, Parameter{d.Random[g].Label, sd})
	}
	for _, term := range d.Terms {
		for _, f := range term.Factors {
			out.Levels[f.Variable] = f.Levels
		}
	}
	return out
}
