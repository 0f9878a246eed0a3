package plan

import (
	"regexp"
	"slices"
	"strings"

	"waymark/dataset"
	"waymark/place"
)

// candidate is a column and what it may be in a plan.
type candidate struct {
	*dataset.Column
	present   int
	distinct  int
	once      int // values that occur once
	yes, no   string
	yesRows   int
	noRows    int
	country   bool
	labelled  bool // the form names its levels
	levels    []dataset.Level
	asNumber  bool // enters as a number
	whole     bool // of a number: no fraction, none below zero
	isAge     bool
	named     bool // its name speaks of what studies ask about
	groupName bool
}

// Names of columns that are, or may be, of a person, a device, a place on the map, a note: never used. They
// are matched with the parts of a name, in English and French as forms have them.
var (
	personal = regexp.MustCompile(`(^|[_./ -])(name|names|surname|firstname|first_name|last_name|nom|noms|prenom|prenoms|phone|telephone|tel|mobile|whatsapp|email|mail|address|adresse|` +
		`gps|geopoint|geo|coord|coords|latitude|longitude|altitude|lat|lon|lng|accuracy|precision|uuid|guid|instanceid|deviceid|subscriberid|simserial|simid|username|` +
		`enum|enumerator|enqueteur|interviewer|signature|photo|image|audio|video|passport|passeport|dob|birth|naissance)($|[_./ -])`)
	identity = regexp.MustCompile(`(^|[_./ -])(id|ids|key|index|number|numero|no|ssid|code_menage|hhid|pid|interview|case|record|row)$|^(_id|_uuid|_index|key|uuid)$`)
	notes    = regexp.MustCompile(`(^|[_./ -])(other|others|autre|autres|specify|spec|preciser|comment|comments|commentaire|commentaires|note|notes|remark|remarks|observation|observations|oth)$`)
	clock    = regexp.MustCompile(`(^|[_./ -])(start|end|today|date|time|debut|fin|heure|submission|submissiondate|version|formid|__version__)($|[_./ -])`)
	consent  = regexp.MustCompile(`(consent|consentement|agreed|accord)`)
	asked    = regexp.MustCompile(`(exploit|unpaid|forced|held|detain|detent|violence|violent|abus|traffick|marriage|harass|assault|diarr|malad|sick|illness|symptom|fever|fievre|injur|victim|displaced|evict|hunger|faim|deni)`)
	byGroup  = regexp.MustCompile(`(location|site|cluster|grappe|village|settlement|camp|household|menage|key|departure|origin|nationality|country|pays|point|district|commune|quartier|adm|pcode|psu|zone)`)
	journeys = regexp.MustCompile(`(route|nationality|nationalite|departure|depart|destination|transit|journey|voyage|flow|travel)`)
	counted  = regexp.MustCompile(`(^|[_./ -])(num|nb|nbr|count|total|nombre|effectif|hh|ind|individuals|households|menages|personnes|persons|people|population|men|women|children|hommes|femmes|enfants)($|[_./ -])`)
	pcode    = regexp.MustCompile(`^[A-Z]{2,3}[0-9]{1,10}$`)
	nameLike = regexp.MustCompile(`^\p{Lu}[\p{Ll}'’-]+( \p{Lu}[\p{Ll}'’-]+){1,3}$`)
	phone    = regexp.MustCompile(`^\+?[0-9][0-9 ./()-]{6,}$`)
	month    = regexp.MustCompile(`^[12][0-9]{3}[-/.](0?[1-9]|1[0-2])([-/.][0-9]{1,2})?$`)
	silence  = regexp.MustCompile(`(?i)(unknown|inconnu|did not answer|no answer|don.?t know|does ?n.?t know|do not know|ne sait pas|sans r[ée]ponse|pas de r[ée]ponse)`)
	refusal  = regexp.MustCompile(`(?i)(refus|prefer not|pr[ée]f[èe]re ne pas)`)
	point    = regexp.MustCompile(`^-?[0-9]{1,3}\.[0-9]{3,}([ ,;]+-?[0-9]{1,3}\.[0-9]{3,})?`)
	ageName  = regexp.MustCompile(`(^|[_./ -])age($|[_./ -])`)
	long     = regexp.MustCompile(`[0-9a-f]{8}|.{41}|(\S+\s+){4}|@`)
)

// Bounds of what is a category of a model.
const (
	mostLevels = 25
	leastRows  = 20 // with yes, and with no, of an outcome
	mostSums   = 12
)

// sort looks at every column and puts it where it may serve.
func (d *drafting) sort() {
	rows := d.Table.Rows()
	lists := map[string]bool{}
	for _, s := range dataset.FindSelects(d.Table) {
		if s.Column != "" {
			lists[s.Column] = true
		}
	}
	for _, c := range d.Table.Columns {
		x := d.look(c)
		name := strings.ToLower(c.Name)
		switch {
		case x.present == 0 || x.distinct < 2:
			d.drop(c.Name, "one-value")
		case lists[c.Name]:
			d.drop(c.Name, "list")
		case c.Kind == dataset.Text || notes.MatchString(name) && x.yes == "":
			d.drop(c.Name, "text")
		case c.Class > dataset.Internal || personal.MatchString(name):
			d.drop(c.Name, "personal")
		case c.Kind == dataset.Date || x.yes == "" && clock.MatchString(name) || x.ofMonths():
			d.drop(c.Name, "date")
		case identity.MatchString(name) && x.distinct > mostLevels && !x.repeats():
			d.drop(c.Name, "unique")
		case x.distinct > 2 && x.yes == "" && c.Kind == dataset.Category && !x.repeats() || x.whole && x.distinct == rows && rows > 50 && !counted.MatchString(name):
			d.drop(c.Name, "unique")
		case c.Kind == dataset.Category && !x.labelled && x.looksPersonal():
			d.drop(c.Name, "personal")
		case x.levels == nil && !x.asNumber && x.yes == "" && !x.mayGroup(rows):
			d.drop(c.Name, "many")
		default:
			d.columns = append(d.columns, x)
		}
	}
	for _, x := range d.columns {
		switch {
		case x.Kind == dataset.Category && x.ofCodes():
			d.areas = append(d.areas, x)
		case x.Kind == dataset.Number && x.whole && x.distinct > 10 && counted.MatchString(strings.ToLower(x.Name)):
			d.sums = append(d.sums, x)
		}
	}
}

// look counts what a column holds, without keeping any value of a text.
func (d *drafting) look(c *dataset.Column) *candidate {
	x := &candidate{Column: c}
	name := strings.ToLower(c.Name)
	x.named, x.groupName = asked.MatchString(name), byGroup.MatchString(name)
	counts := map[int]int{}
	numbers := map[float64]int{}
	x.whole = c.Kind == dataset.Number
	for i := range c.Rows() {
		if c.Missing(i) != dataset.Present {
			continue
		}
		x.present++
		switch c.Kind {
		case dataset.Category:
			counts[c.Code(i)]++
		case dataset.Number, dataset.Date:
			n := c.Number(i)
			numbers[n]++
			x.whole = x.whole && n >= 0 && n == float64(int64(n))
		case dataset.Text:
			x.distinct = x.present // as good as unique
		}
	}
	for _, n := range counts {
		if n == 1 {
			x.once++
		}
	}
	switch c.Kind {
	case dataset.Category:
		x.distinct = len(counts)
		d.lookAtLevels(x, counts)
	case dataset.Number:
		x.distinct = len(numbers)
		d.lookAtNumbers(x, numbers)
	case dataset.Date:
		x.distinct = len(numbers)
	}
	return x
}

func (d *drafting) lookAtLevels(x *candidate, counts map[int]int) {
	var used []dataset.Level
	known := 0
	for k, l := range x.Levels {
		if counts[k] == 0 {
			continue
		}
		used = append(used, l)
		x.labelled = x.labelled || len(l.Labels) > 0
		if _, ok := place.Countries().ByISO3(l.Code); ok {
			known++
		}
	}
	x.country = len(used) >= 3 && known*10 >= len(used)*9
	if len(used) == 2 {
		for k, l := range x.Levels {
			switch pair := yesNo(l.Code); {
			case counts[k] == 0:
			case pair > 0:
				x.yes, x.yesRows = l.Code, counts[k]
			case pair < 0:
				x.no, x.noRows = l.Code, counts[k]
			}
		}
		if x.yes == "" || x.no == "" {
			x.yes, x.no = "", ""
		}
	}
	if len(used) >= 2 && len(used) <= mostLevels {
		x.levels = used
	}
}

func (d *drafting) lookAtNumbers(x *candidate, numbers map[float64]int) {
	name := strings.ToLower(x.Name)
	x.isAge = ageName.MatchString(name) && x.distinct > 10
	switch {
	case x.distinct == 2 && numbers[0] > 0 && numbers[1] > 0:
		x.yes, x.no, x.yesRows, x.noRows = "1", "0", numbers[1], numbers[0]
		x.levels = []dataset.Level{{Code: "0"}, {Code: "1"}}
	case x.whole && x.distinct <= 8:
		var codes []string
		for n := range numbers {
			codes = append(codes, itoa(int(n)))
		}
		dataset.SortLevels(codes)
		for _, code := range codes {
			x.levels = append(x.levels, dataset.Level{Code: code})
		}
	default:
		x.asNumber = true
	}
}

// yesNo gives 1 for a word that means yes, -1 for no, 0 for others.
func yesNo(code string) int {
	switch strings.ToLower(strings.TrimSpace(code)) {
	case "yes", "y", "oui", "o", "true", "vrai", "1":
		return 1
	case "no", "n", "non", "false", "faux", "0":
		return -1
	}
	return 0
}

// repeats says whether values come back often enough to be groups and not single persons.
func (x *candidate) repeats() bool {
	return x.distinct*2 <= x.present && x.once*2 <= x.distinct
}

// mayGroup says whether a column could be a random intercept: several groups, each of several rows.
func (x *candidate) mayGroup(rows int) bool {
	return x.Kind == dataset.Category && x.distinct >= 5 && x.repeats() && x.present*10 >= rows*9
}

// looksPersonal says whether the values of a category look like names, numbers, places on the map, or notes.
// No value leaves this function.
func (x *candidate) looksPersonal() bool {
	if x.country || x.yes != "" {
		return false
	}
	odd, names := 0, 0
	for _, l := range x.Levels {
		switch {
		case phone.MatchString(l.Code), point.MatchString(l.Code), long.MatchString(l.Code):
			odd++
		case nameLike.MatchString(l.Code):
			names++
		}
	}
	if x.mayGroup(x.Rows()) && x.groupName && names == 0 {
		return false // keys of households and the like: their values are never written
	}
	return odd > 0 && odd*10 >= len(x.Levels) || names*2 > len(x.Levels)
}

// ofMonths says whether a category holds months or days.
func (x *candidate) ofMonths() bool {
	return x.Kind == dataset.Category && !slices.ContainsFunc(x.Levels, func(l dataset.Level) bool { return !month.MatchString(l.Code) })
}

// ofCodes says whether a category holds p-codes.
func (x *candidate) ofCodes() bool {
	codes := 0
	for _, l := range x.Levels {
		if pcode.MatchString(l.Code) {
			codes++
		}
	}
	return codes >= 2 && codes*10 >= len(x.Levels)*9 && strings.Contains(strings.ToLower(x.Name), "pcode") || codes >= 2 && codes == len(x.Levels) && strings.Contains(strings.ToLower(x.Name), "adm")
}

// chooseSurvey picks outcomes, predictors and groups; false where there is nothing to explain.
func (d *drafting) chooseSurvey() bool {
	var yesNos []*candidate
	for _, x := range d.columns {
		name := strings.ToLower(x.Name)
		switch {
		case x.yes != "" && consent.MatchString(name):
			if d.consent == nil && simpleName.MatchString(x.Name) {
				d.consent = x
			}
		case x.yes != "" && x.present*2 >= d.Table.Rows() && min(x.yesRows, x.noRows) >= min(leastRows, d.Table.Rows()/10):
			yesNos = append(yesNos, x)
		}
	}
	if len(yesNos) == 0 {
		return false
	}
	for _, x := range yesNos {
		if x.named && len(d.outcomes) < 8 {
			d.outcomes = append(d.outcomes, x)
		}
	}
	if len(d.outcomes) == 0 {
		// nothing in the names tells: the one whose answers are most even carries most to learn from
		d.outcomes = []*candidate{slices.MaxFunc(yesNos, func(a, b *candidate) int { return min(a.yesRows, a.noRows) - min(b.yesRows, b.noRows) })}
	}
	slices.SortStableFunc(d.outcomes, func(a, b *candidate) int { return min(b.yesRows, b.noRows) - min(a.yesRows, a.noRows) })
	d.chooseGroups()
	d.chooseFactors()
	return len(d.factors) > 0
}

var simpleName = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]*$`)

func (d *drafting) chooseGroups() {
	for _, x := range d.columns {
		if x.mayGroup(d.Table.Rows()) && x.groupName && (x.distinct > 8 || x.country) && !x.named {
			d.groups = append(d.groups, x)
		}
	}
	slices.SortStableFunc(d.groups, func(a, b *candidate) int {
		if x := groupRank(a.Name) - groupRank(b.Name); x != 0 {
			return x
		}
		return b.distinct - a.distinct
	})
}

// groupRank puts what a sample is drawn or answered by first: households and clusters, then where people set
// out, then where they were asked, then any other.
func groupRank(name string) int {
	name = strings.ToLower(name)
	for i, words := range [][]string{{"household", "menage", "key", "hhid"}, {"cluster", "grappe", "psu"}, {"depart"}, {"location", "site", "village", "point", "camp"}} {
		if slices.ContainsFunc(words, func(w string) bool { return strings.Contains(name, w) }) {
			return i
		}
	}
	return 9
}

// chooseFactors adds predictors one by one while half of the rows with an outcome have a value in all.
func (d *drafting) chooseFactors() {
	rows := d.Table.Rows()
	main := d.outcomes[0]
	complete := make([]bool, rows)
	start := 0
	for i := range rows {
		if complete[i] = main.Missing(i) == dataset.Present; complete[i] {
			start++
		}
	}
	events := min(main.yesRows, main.noRows)
	terms := 0
	for _, x := range d.columns {
		adds := max(len(x.levels)-1, 1)
		switch {
		case slices.Contains(d.outcomes, x), slices.Contains(d.groups, x), x == d.consent, x.named:
			continue
		case x.levels == nil && !x.asNumber, x.levels != nil && x.distinct > 12 && !x.labelled, (terms+adds)*10 > events && terms > 0:
			continue
		case derivedFrom(x, main), x.isAge && x.asNumber && d.ageGroups():
			continue
		}
		left := 0
		for i, was := range complete {
			if was && x.Missing(i) == dataset.Present {
				left++
			}
		}
		if left*2 < start || left*10 < start*8 && len(d.factors) > 0 {
			continue
		}
		for i := range complete {
			complete[i] = complete[i] && x.Missing(i) == dataset.Present
		}
		terms += adds
		d.factors = append(d.factors, x)
	}
	d.factors = slices.DeleteFunc(d.factors, func(x *candidate) bool { return !x.varies(complete) })
}

// varies says whether a column has two values, each of several rows, among the rows that a model could use.
func (x *candidate) varies(among []bool) bool {
	rows := map[float64]int{}
	for i, in := range among {
		switch {
		case !in || x.Missing(i) != dataset.Present:
		case x.Kind == dataset.Category:
			rows[float64(x.Code(i))]++
		default:
			rows[x.Number(i)]++
		}
	}
	often := 0
	for _, n := range rows {
		if n >= 5 || x.asNumber {
			often++
		}
	}
	return often > 1
}

// ageGroups says whether ages are there in groups too.
func (d *drafting) ageGroups() bool {
	return slices.ContainsFunc(d.columns, func(x *candidate) bool {
		return x.levels != nil && x.Kind == dataset.Category && ageName.MatchString(strings.ToLower(x.Name))
	})
}

// derivedFrom says whether a column tells the outcome without fail, so that it is the outcome in other words.
func derivedFrom(x, outcome *candidate) bool {
	if x.levels == nil {
		return false
	}
	type tally struct{ yes, no int }
	of := map[string]*tally{}
	for i := range x.Rows() {
		if x.Missing(i) != dataset.Present || outcome.Missing(i) != dataset.Present {
			continue
		}
		code := valueText(x.Column, i)
		if of[code] == nil {
			of[code] = &tally{}
		}
		if valueText(outcome.Column, i) == outcome.yes {
			of[code].yes++
		} else {
			of[code].no++
		}
	}
	for _, t := range of {
		if t.yes > 0 && t.no > 0 {
			return false
		}
	}
	return true
}

// valueText is a category's code, or a whole number as it is written.
func valueText(c *dataset.Column, i int) string {
	if c.Kind == dataset.Category {
		return c.Level(i)
	}
	return itoa(int(max(c.Number(i), 0)))
}

// ofJourneys says whether the columns speak of people on the move.
func (d *drafting) ofJourneys() bool {
	n := 0
	for _, c := range d.Table.Columns {
		if journeys.MatchString(strings.ToLower(c.Name)) {
			n++
		}
	}
	return n >= 3
}
