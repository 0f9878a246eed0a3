package collect

import (
	"context"
	"hash/maphash"
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"waymark/dataset"
	"waymark/fault"
	"waymark/form"
	"waymark/trust/access"
)

// CodeFlagOutcome says that a flag cannot be closed so: outcome.
const CodeFlagOutcome fault.Code = "collect.flag-outcome"

// flagOutcomes are how a flag is closed; "" leaves it open.
var flagOutcomes = []string{"", "confirmed", "explained", "corrected"}

// Flags gives the flags of a record with what staff noted of them, or with instance "" the open ones of a form.
func (d *Desk) Flags(ctx context.Context, by access.Actor, project int64, form, instance string) ([]Flag, error) {
	scope, err := reachOf(by, access.ReadRecords, project)
	if err != nil {
		return nil, err
	}
	notes := holds(by, access.ReviewRecords, project)
	return looked(ctx, d, func(tx Tx) ([]Flag, error) {
		if instance != "" {
			s, err := d.found(tx, by, access.ReadRecords, project, form, instance, Published)
			if err != nil {
				return nil, err
			}
			instance = s.Instance
		}
		all, err := tx.ListFlags(project, form, instance)
		if err != nil {
			return nil, err
		}
		out := all[:0]
		for _, f := range all {
			if !scope.whole() && instance == "" {
				s, err := tx.GetRecord(project, f.Form, f.Instance, Published)
				if err != nil || !scope.has(&s.Record) {
					continue
				}
			}
			if instance != "" && notes {
				_, sealed, err := tx.GetFlag(f.ID)
				if err != nil {
					return nil, err
				}
				if sealed != nil {
					note, err := d.options.Keys.Open(forFlag, bound(project, f.Form, f.Instance), sealed)
					if err != nil {
						return nil, err
					}
					f.Note = string(note)
				}
			}
			out = append(out, f)
		}
		return out, nil
	})
}

// RaiseFlag raises a flag by hand: code is one of the rules' or flag.other, and note says why.
func (d *Desk) RaiseFlag(ctx context.Context, by access.Actor, project int64, form, instance, note string) error {
	return d.options.Store.Write(ctx, func(tx Tx) error {
		s, err := d.found(tx, by, access.ReviewRecords, project, form, instance, Published)
		if err != nil {
			return err
		}
		f := Flag{Project: project, Form: form, Instance: s.Instance, Code: FlagOther, Raised: d.now(), Owner: actorID(by)}
		if _, err := tx.AddFlag(f, d.options.Keys.Seal(forFlag, bound(project, form, s.Instance), []byte(note))); err != nil {
			return err
		}
		s.Flags++
		if err := tx.SetRecord(s.Record); err != nil {
			return err
		}
		return tx.Append(d.entry(by, "flag.raise", project, recordObject(s.Instance)))
	})
}

// SetFlag says who looks into a flag and what came of it. An outcome closes it; none opens it again.
func (d *Desk) SetFlag(ctx context.Context, by access.Actor, project int64, flag int64, owner, outcome, note string) error {
	if !oneOf(outcome, flagOutcomes) {
		return fault.Issue{Code: CodeFlagOutcome, Args: map[string]any{"outcome": outcome}}
	}
	if len([]rune(note)) > longestComment {
		return fault.Issue{Code: CodeComment, Args: map[string]any{"limit": longestComment}}
	}
	return d.options.Store.Write(ctx, func(tx Tx) error {
		f, _, err := tx.GetFlag(flag)
		if err != nil || f.Project != project {
			return notThere(cmpErr(err, fault.NotFound), "flag")
		}
		s, err := d.found(tx, by, access.ReviewRecords, project, f.Form, f.Instance, Published)
		if err != nil {
			return err
		}
		was := f.Outcome
		f.Owner, f.Outcome, f.Closed = owner, outcome, time.Time{}
		if outcome != "" {
			f.Closed = d.now()
		}
		var sealed []byte
		if note != "" {
			sealed = d.options.Keys.Seal(forFlag, bound(project, f.Form, f.Instance), []byte(note))
		}
		if err := tx.SetFlag(f, sealed); err != nil {
			return err
		}
		if (was == "") != (outcome == "") {
			if outcome == "" {
				s.Flags++
			} else {
				s.Flags = max(0, s.Flags-1)
			}
			if err := tx.SetRecord(s.Record); err != nil {
				return err
			}
		}
		e := d.entry(by, "flag.set", project, recordObject(s.Instance))
		e.Detail = map[string]string{"flag": strconv.FormatInt(flag, 10), "code": string(f.Code), "outcome": outcome, "owner": owner}
		return tx.Append(e)
	})
}

// cmpErr gives err, or other where there is none.
func cmpErr(err, other error) error {
	if err != nil {
		return err
	}
	return other
}

// tallying gathers what the enumerator sheet says of one sender.
type tallying struct {
	line           Enumerator
	minutes        []float64
	missing, cells int
	rounded, whole int
	seen           map[uint64]int
}

// Enumerators gives, for each device, the counts that tell of trouble, by name of the device. It reads public and
// internal answers of what is asked once. docs/methods/quality-flags.md says how to read it.
func (d *Desk) Enumerators(ctx context.Context, by access.Actor, project int64, form string) ([]Enumerator, error) {
	scope, err := reachOf(by, access.ReviewRecords, project)
	if err != nil {
		return nil, err
	}
	st, err := d.standing(ctx, project)
	if err != nil {
		return nil, notThere(err, "project")
	}
	lines := map[string]*tallying{}
	err = d.options.Store.Read(ctx, func(tx Tx) error {
		scan := scanner{desk: d, tx: tx}
		seed := maphash.MakeSeed()
		for row, err := range tx.EachRow(Query{Project: project, Form: form}, "") {
			if err != nil {
				return err
			}
			if !scope.has(row.Record) {
				continue
			}
			if lines[row.Record.Actor] == nil {
				lines[row.Record.Actor] = &tallying{seen: map[uint64]int{}, line: Enumerator{Actor: row.Record.Actor, Name: nameOf(st, row.Record.Actor)}}
			}
			if err := lines[row.Record.Actor].add(&scan, &row, seed); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	var out []Enumerator
	for _, actor := range slices.Sorted(maps.Keys(lines)) {
		out = append(out, lines[actor].finish())
	}
	slices.SortStableFunc(out, func(a, b Enumerator) int { return strings.Compare(a.Name, b.Name) })
	return out, nil
}

func nameOf(st *standing, actor string) string {
	id, ok := strings.CutPrefix(actor, "device:")
	n, err := strconv.ParseInt(id, 10, 64)
	if ok && err == nil {
		if v, ok := st.devices[n]; ok {
			return v.Name
		}
	}
	return actor
}

func (t *tallying) add(scan *scanner, row *RecordRow, seed maphash.Seed) error {
	t.line.Records++
	t.line.Flags += row.Record.Flags
	if row.Record.Encrypted {
		return nil
	}
	e, table, cells, _, err := scan.load(row, sightPlain)
	if err != nil || table != 0 {
		return err
	}
	var h maphash.Hash
	h.SetSeed(seed)
	given := 0
	for _, k := range e.marks.answers[0] {
		c := &e.layout.Tables[0].Columns[k]
		if c.Class > dataset.Internal {
			continue
		}
		cell := &cells[k]
		h.WriteString(cell.Text)
		h.WriteByte(byte(cell.Missing))
		switch {
		case cell.Missing == dataset.Present:
			given++
			t.cells++
			t.digits(c.Asked, cell.Text)
		case cell.Missing == dataset.Empty && !c.Conditional:
			t.cells++
			t.missing++
		}
	}
	if given >= 4 {
		t.seen[h.Sum64()]++
	}
	at := func(c column) string {
		if c.table != 0 || e.layout.Tables[0].Columns[c.at].Class > dataset.Internal {
			return ""
		}
		return strings.TrimSpace(cells[c.at].Text)
	}
	start, ok := readTime(at(e.marks.start))
	end, okEnd := readTime(at(e.marks.end))
	if ok && okEnd && !end.Before(start) {
		t.minutes = append(t.minutes, end.Sub(start).Minutes())
		if end.Sub(start) < time.Duration(given*secondsAnAnswer)*time.Second {
			t.line.Short++
		}
	}
	return nil
}

// digits counts whole numbers of at least two digits, and those that end in 0 or 5.
func (t *tallying) digits(asked form.Type, text string) {
	if asked != form.Integer {
		return
	}
	n, err := strconv.ParseInt(strings.TrimSpace(text), 10, 64)
	if err != nil || n < 10 {
		return
	}
	t.whole++
	if n%5 == 0 {
		t.rounded++
	}
}

func (t *tallying) finish() Enumerator {
	l := t.line
	share := func(part, of int) float64 {
		if of == 0 {
			return math.NaN()
		}
		return float64(part) / float64(of)
	}
	l.MedianMinutes = math.NaN()
	if n := len(t.minutes); n > 0 {
		slices.Sort(t.minutes)
		l.MedianMinutes = (t.minutes[(n-1)/2] + t.minutes[n/2]) / 2
	}
	l.MissingShare, l.DigitPreference = share(t.missing, t.cells), share(t.rounded, t.whole)
	for _, n := range t.seen {
		if n > 1 {
			l.Equal += n
		}
	}
	return l
}

// Enumerator is one line of the enumerator sheet.
type Enumerator struct {
	Actor           string
	Name            string
	Records, Short  int
	Flags           int
	Equal           int     // records with the same answers as another of the same sender
	MedianMinutes   float64 // NaN where no record says
	MissingShare    float64
	DigitPreference float64 // share of whole numbers that end in 0 or 5; 0.2 is expected
}
