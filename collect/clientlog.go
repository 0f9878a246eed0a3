package collect

import (
	"bytes"
	"context"
	"encoding/csv"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"

	"waymark/form"
	"waymark/form/flatten"
)

// logPath is the table of a phone's own log (ODK audit): what was done when, beside the answers. No form can have
// a question of this path.
const (
	logPath  = "@audit"
	logTable = "Audit"
)

const (
	largestLog = 16 << 20
	mostEvents = 100_000
)

// logLayout is the layout of the table of logs. Where somebody was, and what an answer was before, are strict.
var logLayout = flatten.NewLayout(&form.Form{ID: "audit", Questions: []form.Question{
	{Path: form.Path{"event"}, Type: form.Hidden, Class: "internal"},
	{Path: form.Path{"node"}, Type: form.Hidden, Class: "internal"},
	{Path: form.Path{"start"}, Type: form.Decimal, Class: "internal"},
	{Path: form.Path{"end"}, Type: form.Decimal, Class: "internal"},
	{Path: form.Path{"latitude"}, Type: form.Hidden, Class: "strict"},
	{Path: form.Path{"longitude"}, Type: form.Hidden, Class: "strict"},
	{Path: form.Path{"accuracy"}, Type: form.Hidden, Class: "strict"},
	{Path: form.Path{"old-value"}, Type: form.Hidden, Class: "strict"},
	{Path: form.Path{"new-value"}, Type: form.Hidden, Class: "strict"},
	{Path: form.Path{"user"}, Type: form.Hidden, Class: "restricted"},
	{Path: form.Path{"change-reason"}, Type: form.Hidden, Class: "strict"},
}})

// logName is the name of the log file that a record says it has.
func (a *arrival) logName() string {
	if a.in == nil || a.in.Meta == nil {
		return ""
	}
	c := a.in.Meta.Child("audit")
	if c == nil {
		return ""
	}
	return strings.TrimSpace(c.Value())
}

// readLog reads the phone's log where it came with what was sent. A log that cannot be read is a doubt, no reason to
// refuse (invariant 5).
func (d *Desk) readLog(ctx context.Context, a *arrival) error {
	name := a.logName()
	i := slices.IndexFunc(a.sent.Files, func(f File) bool { return f.Name == name })
	if name == "" || i < 0 {
		return nil
	}
	r, err := d.open(ctx, a.sent.Files[i].Digest)
	if err != nil {
		return err
	}
	defer r.Close()
	raw, err := io.ReadAll(io.LimitReader(r, largestLog+1))
	if err != nil {
		return err
	}
	rows, spent, ok := readEvents(raw)
	if !ok {
		a.flag(FlagLog, nil)
		return nil
	}
	a.spent = spent
	e := logEdition(a.edition)
	t := &logLayout.Tables[0]
	for _, row := range rows {
		a.log = append(a.log, d.storeRow(e, t, logPath, a.id, row))
	}
	return nil
}

// logEdition is an edition whose rows are a log's; they are bound to the form of the record.
func logEdition(of *edition) *edition {
	return &edition{id: of.id, project: of.project, formID: of.formID, version: of.version, layout: logLayout}
}

// readEvents reads audit.csv: one event a line, times in milliseconds since 1970. It gives the time spent in
// questions: the sum over events that have a start and an end, overlaps counted once.
func readEvents(raw []byte) (rows []flatten.Row, spent time.Duration, ok bool) {
	if len(raw) > largestLog {
		return nil, 0, false
	}
	r := csv.NewReader(bytes.NewReader(bytes.TrimPrefix(raw, []byte("\xEF\xBB\xBF"))))
	r.FieldsPerRecord, r.LazyQuotes, r.ReuseRecord = -1, true, true
	head, err := r.Read()
	if err != nil {
		return nil, 0, false
	}
	t := &logLayout.Tables[0]
	at := make([]int, len(head))
	known := 0
	for i, name := range head {
		at[i] = slices.IndexFunc(t.Columns, func(c flatten.Column) bool { return c.Name == strings.TrimSpace(name) })
		if at[i] >= 0 {
			known++
		}
	}
	if known < 3 {
		return nil, 0, false
	}
	var until int64
	for len(rows) < mostEvents {
		line, err := r.Read()
		if err == io.EOF {
			break
		}
		if err != nil {
			return nil, 0, false
		}
		row := flatten.Row{Parent: -1, Index: len(rows), Cells: t.Blank()}
		for i, text := range line {
			if i < len(at) && at[i] >= 0 && text != "" {
				row.Cells[at[i]] = flatten.NewCell(t.Columns[at[i]].Kind, strings.Clone(text))
			}
		}
		start, err := strconv.ParseInt(row.Cells[2].Text, 10, 64)
		end, err2 := strconv.ParseInt(row.Cells[3].Text, 10, 64)
		if err == nil && err2 == nil && end > start && end > until {
			spent += time.Duration(end-max(start, until)) * time.Millisecond
			until = end
		}
		rows = append(rows, row)
	}
	return rows, spent, true
}
