package collect

import (
	"context"
	"io"
	"iter"
	"slices"
	"strconv"
	"strings"

	"waymark/dataset"
	"waymark/fault"
	"waymark/form/flatten"
	"waymark/trust/access"
)

// reading is a query made ready: what the actor reaches, what they see, and which records pass.
type reading struct {
	query   Query // as the store is asked
	asked   Query
	merged  *merged
	sieve   *sieve
	reach   reach // of the right to read
	opened  reach // of the right to read restricted answers; nil: they are not asked for
	opening *Opening
	inStore bool // the store keeps to limit and skip; else the desk does
}

// prepare checks a query and makes it ready. The form's tables are looked at where the filter or the caller needs them.
func (d *Desk) prepare(ctx context.Context, by access.Actor, q Query, tables wants) (*reading, error) {
	r := &reading{query: q, asked: q, inStore: true}
	var err error
	if r.reach, err = reachOf(by, access.ReadRecords, q.Project); err != nil {
		return nil, err
	}
	if q.Drafts {
		if err := need(by, access.ManageForms, q.Project); err != nil {
			return nil, err
		}
	}
	if q.Restricted || q.Opening != "" {
		if r.opened, err = reachOf(by, access.ReadRestricted, q.Project); err != nil {
			if r.opened, err = reachOf(by, access.ExportRestricted, q.Project); err != nil {
				return nil, err
			}
		}
	}
	if q.Opening != "" {
		if r.opening, err = d.validOpening(ctx, by, q.Opening, q.Project, q.Form); err != nil {
			return nil, err
		}
	}
	if tables == wantsTables || strings.TrimSpace(q.Where) != "" {
		if r.merged, err = d.mergedOf(ctx, q.Project, q.Form, Stage(q.Drafts)); err != nil {
			return nil, err
		}
	}
	if r.sieve, err = newSieve(q.Where, r.merged); err != nil {
		return nil, err
	}
	r.query.Where = ""
	r.narrow()
	if r.sieve != nil {
		r.inStore = false
	}
	if !r.inStore {
		r.query.Limit, r.query.Skip = 0, 0
	}
	return r, nil
}

// wants says what a query is made ready for.
type wants bool

const (
	wantsRecords wants = false
	wantsTables  wants = true
)

// narrow asks the store only for what lies in reach, where one list of sites and teams says it.
func (r *reading) narrow() {
	if r.reach.whole() {
		return
	}
	if len(r.reach) > 1 {
		r.inStore = false
		return
	}
	within := func(asked, reached []string) []string {
		if len(reached) == 0 {
			return asked
		}
		if asked == nil {
			return reached
		}
		out := []string{}
		for _, s := range asked {
			if slices.Contains(reached, s) {
				out = append(out, s)
			}
		}
		if len(out) == 0 { // nothing: no site has this name
			out = append(out, "\x00")
		}
		return out
	}
	r.query.Sites, r.query.Teams = within(r.query.Sites, r.reach[0].Sites), within(r.query.Teams, r.reach[0].Teams)
}

// sight is how much of a record's answers may be seen.
func (r *reading) sight(record *Record) sight {
	if r.opened == nil || !r.opened.has(record) {
		return sightPlain
	}
	if r.opening != nil && (r.opening.Instance == "" || r.opening.Instance == record.Instance) {
		return sightStrict
	}
	return sightRestricted
}

// audited writes down that protected answers are read, before they are.
func (d *Desk) audited(ctx context.Context, by access.Actor, r *reading, table string) error {
	if r.opened == nil {
		return nil
	}
	e := d.entry(by, "restricted.read", r.asked.Project, formObject(r.asked.Form))
	if r.asked.Instance != "" {
		e.Object = recordObject(r.asked.Instance)
	}
	e.Detail = map[string]string{"table": table, "columns": "all"}
	if r.asked.Columns != nil {
		e.Detail["columns"] = strconv.Itoa(len(r.asked.Columns))
	}
	if r.opening != nil {
		e.Act, e.Purpose = "strict.read", r.opening.Purpose.Code
		e.Detail["opening"] = r.opening.ID
	}
	return d.Note(ctx, e)
}

// records gives the records that a reading keeps, in order.
func (d *Desk) records(tx Tx, r *reading) iter.Seq2[*Record, error] {
	return func(yield func(*Record, error) bool) {
		given, passed := 0, 0
		give := func(record *Record) (more bool) {
			if !r.inStore {
				if passed++; passed <= r.asked.Skip {
					return true
				}
				if r.asked.Limit > 0 && given >= r.asked.Limit {
					return false
				}
			}
			given++
			record.Device = ""
			return yield(record, nil) && (r.inStore || r.asked.Limit <= 0 || given < r.asked.Limit)
		}
		if r.sieve.reads() {
			scan := scanner{desk: d, tx: tx}
			for row, err := range tx.EachRow(r.query, "") {
				if err != nil {
					yield(nil, err)
					return
				}
				if !r.reach.has(row.Record) {
					continue
				}
				kept, err := scan.passes(r, &row)
				if err != nil {
					yield(nil, err)
					return
				}
				if kept && !give(row.Record) {
					return
				}
			}
			return
		}
		for record, err := range tx.EachRecord(r.query) {
			if err != nil {
				yield(nil, err)
				return
			}
			if r.reach.has(&record) && r.sieve.keeps(&record, nil) && !give(&record) {
				return
			}
		}
	}
}

// scanner reads rows one after another with the same memory.
type scanner struct {
	desk  *Desk
	tx    Tx
	blank map[*flatten.TableLayout][]flatten.Cell
	cells map[*flatten.TableLayout][]flatten.Cell
}

// load gives a row's cells by its version's layout, those that may be seen; they hold until the next row is read. A
// version that is no longer there has none.
func (s *scanner) load(row *RecordRow, see sight) (e *edition, table int, cells []flatten.Cell, at []int, err error) {
	if e, err = s.desk.editionIn(s.tx, row.Row.Version); err != nil {
		return nil, 0, nil, nil, err
	}
	if row.Row.Path == logPath {
		e = logEdition(e)
	} else if table = e.layout.TableOf(splitPath(row.Row.Path)); table < 0 {
		return e, -1, nil, nil, nil
	}
	t := &e.layout.Tables[table]
	if s.cells == nil {
		s.blank, s.cells = map[*flatten.TableLayout][]flatten.Cell{}, map[*flatten.TableLayout][]flatten.Cell{}
	}
	if s.cells[t] == nil {
		s.blank[t], s.cells[t] = t.Blank(), t.Blank()
	}
	copy(s.cells[t], s.blank[t])
	at, err = s.desk.loadRow(e, t, row.Record.Current, &row.Row, see, s.cells[t])
	return e, table, s.cells[t], at, err
}

func splitPath(path string) []string {
	if path == "" {
		return nil
	}
	return strings.Split(path, "/")
}

// passes tries the sieve on a row of the first table.
func (s *scanner) passes(r *reading, row *RecordRow) (bool, error) {
	_, _, cells, _, err := s.load(row, sightPlain)
	if err != nil {
		return false, err
	}
	to := r.merged.columns[row.Row.Version]
	return r.sieve.keeps(row.Record, func(column int) flatten.Cell {
		if to == nil || to[0][column] < 0 || cells == nil {
			return notAsked
		}
		return cells[to[0][column]]
	}), nil
}

// Records lists records without their answers. Attachments are listed where Limit is at most 1,000.
func (d *Desk) Records(ctx context.Context, by access.Actor, q Query) ([]Record, error) {
	r, err := d.prepare(ctx, by, q, wantsRecords)
	if err != nil {
		return nil, err
	}
	return looked(ctx, d, func(tx Tx) ([]Record, error) {
		var out []Record
		for record, err := range d.records(tx, r) {
			if err != nil {
				return nil, err
			}
			one := *record
			if q.Limit > 0 && q.Limit <= 1000 {
				if one.Attachments, err = tx.ListAttachments(one.Seq); err != nil {
					return nil, err
				}
			}
			out = append(out, one)
		}
		return out, nil
	})
}

// CountRecords counts the records that a query means, whatever its limit.
func (d *Desk) CountRecords(ctx context.Context, by access.Actor, q Query) (int, error) {
	q.Limit, q.Skip, q.After, q.AfterRow = 0, 0, 0, 0
	r, err := d.prepare(ctx, by, q, wantsRecords)
	if err != nil {
		return 0, err
	}
	return looked(ctx, d, func(tx Tx) (int, error) {
		if r.inStore {
			return tx.CountRecords(r.query)
		}
		n := 0
		for _, err := range d.records(tx, r) {
			if err != nil {
				return 0, err
			}
			n++
		}
		return n, nil
	})
}

// found gives a record that an actor reaches by a right.
func (d *Desk) found(tx Tx, by access.Actor, right access.Right, project int64, form, instance string, stage Stage) (Stored, error) {
	scope, err := reachOf(by, right, project)
	if err != nil {
		return Stored{}, err
	}
	s, err := tx.GetRecord(project, form, instance, stage)
	if err != nil {
		return Stored{}, notThere(err, "record")
	}
	if !scope.has(&s.Record) {
		return Stored{}, missing("record")
	}
	return s, nil
}

// Record gives a record by its instance id or that of one of its versions. The device id that a phone gave is not in
// it: ask DeviceID.
func (d *Desk) Record(ctx context.Context, by access.Actor, project int64, form, instance string, stage Stage) (Record, error) {
	if stage == Draft {
		if err := need(by, access.ManageForms, project); err != nil {
			return Record{}, err
		}
	}
	return looked(ctx, d, func(tx Tx) (Record, error) {
		s, err := d.found(tx, by, access.ReadRecords, project, form, instance, stage)
		if err != nil {
			return Record{}, err
		}
		s.Record.Device = ""
		s.Record.Attachments, err = tx.ListAttachments(s.Seq)
		return s.Record, err
	})
}

// DeviceID gives the device id that a phone gave with the current version of a record; it points to a person. It needs
// ReadRestricted and is audited.
func (d *Desk) DeviceID(ctx context.Context, by access.Actor, project int64, form, instance string) (string, error) {
	return written(ctx, d, func(tx Tx) (string, error) {
		s, err := d.found(tx, by, access.ReadRestricted, project, form, instance, Published)
		if err != nil || s.DeviceSealed == nil {
			return "", err
		}
		e := d.entry(by, "restricted.read", project, recordObject(s.Instance))
		e.Detail = map[string]string{"what": "device"}
		if err := tx.Append(e); err != nil {
			return "", err
		}
		plain, err := d.options.Keys.Open(forDevice, bound(project, form, s.Current), s.DeviceSealed)
		return string(plain), err
	})
}

// RecordVersions lists the versions of a record, newest first.
func (d *Desk) RecordVersions(ctx context.Context, by access.Actor, project int64, form, instance string) ([]RecordVersion, error) {
	return looked(ctx, d, func(tx Tx) ([]RecordVersion, error) {
		s, err := d.found(tx, by, access.ReadRecords, project, form, instance, Published)
		if err != nil {
			return nil, err
		}
		return tx.ListRecordVersions(s.Seq)
	})
}

// RawRecord gives the body of a version ("" the current one) as it came. It holds every answer: it needs
// ReadRestricted and, where strict answers are in it, an opening; it is audited.
func (d *Desk) RawRecord(ctx context.Context, by access.Actor, project int64, form, instance, version, opening string) ([]byte, error) {
	return d.rawRecord(ctx, by, project, form, instance, version, opening, Published)
}

// RawDraft is RawRecord of a record that was sent to a draft.
func (d *Desk) RawDraft(ctx context.Context, by access.Actor, project int64, form, instance string) ([]byte, error) {
	if err := need(by, access.ManageForms, project); err != nil {
		return nil, err
	}
	return d.rawRecord(ctx, by, project, form, instance, "", "", Draft)
}

func (d *Desk) rawRecord(ctx context.Context, by access.Actor, project int64, form, instance, version, opening string, stage Stage) ([]byte, error) {
	type read struct {
		sealed []byte
		of     string
	}
	got, err := written(ctx, d, func(tx Tx) (read, error) {
		s, err := d.found(tx, by, access.ReadRestricted, project, form, instance, stage)
		if err != nil {
			return read{}, err
		}
		o, err := d.openingFor(tx, by, opening, &s.Record)
		if err != nil {
			return read{}, err
		}
		if s.Sealed && o == nil || s.Edits > 0 && version != "" && o == nil && d.everStrict(tx, &s.Record) {
			return read{}, fault.Issue{Code: CodeNeedsOpening, Kind: fault.Forbidden}
		}
		if version == "" {
			version = s.Current
		}
		sealed, err := tx.RecordBody(s.Seq, version)
		if err != nil {
			return read{}, notThere(err, "version")
		}
		e := d.entry(by, "restricted.read", project, recordObject(s.Instance))
		e.Detail = map[string]string{"what": "body"}
		if o != nil {
			e.Act, e.Purpose = "strict.read", o.Purpose.Code
			e.Detail["opening"] = o.ID
		}
		return read{sealed, version}, tx.Append(e) // with the reading, and before the bytes are given
	})
	if err != nil {
		return nil, err
	}
	return d.openBody(project, form, got.of, got.sealed)
}

// everStrict says whether an earlier version of a record may hold strict answers: the form has questions of that class.
func (d *Desk) everStrict(tx Tx, r *Record) bool {
	m, err := d.mergedIn(tx, r.Project, r.Form, Stage(r.Draft))
	if err != nil {
		return true
	}
	return slices.ContainsFunc(m.layout.Tables, func(t flatten.TableLayout) bool { return t.Has(dataset.Strict) })
}

// Attachment opens a file of a record. It needs ReadRestricted, a strict one an opening too; it is audited.
func (d *Desk) Attachment(ctx context.Context, by access.Actor, project int64, form, instance, name, opening string) (Attachment, io.ReadCloser, error) {
	a, err := written(ctx, d, func(tx Tx) (Attachment, error) {
		s, err := d.found(tx, by, access.ReadRestricted, project, form, instance, Published)
		if err != nil {
			return Attachment{}, err
		}
		all, err := tx.ListAttachments(s.Seq)
		if err != nil {
			return Attachment{}, err
		}
		i := slices.IndexFunc(all, func(x Attachment) bool { return x.Name == name })
		if i < 0 || all[i].Digest == "" {
			return Attachment{}, missing("file")
		}
		o, err := d.openingFor(tx, by, opening, &s.Record)
		if err != nil {
			return Attachment{}, err
		}
		if all[i].Strict && o == nil {
			return Attachment{}, fault.Issue{Code: CodeNeedsOpening, Kind: fault.Forbidden}
		}
		e := d.entry(by, "restricted.read", project, recordObject(s.Instance))
		e.Detail = map[string]string{"what": "attachment", "file": strconv.Itoa(i)}
		if o != nil {
			e.Act, e.Purpose = "strict.read", o.Purpose.Code
			e.Detail["opening"] = o.ID
		}
		return all[i], tx.Append(e)
	})
	if err != nil {
		return Attachment{}, nil, err
	}
	r, err := d.open(ctx, a.Digest)
	return a, r, err
}
