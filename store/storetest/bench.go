package storetest

import (
	"fmt"
	"sync"
	"sync/atomic"
	"testing"

	"waymark/collect"
	"waymark/trust/audit"
)

// A record of 250 questions as a desk writes it: the sealed body, one row of each of two tables, and the entry of the
// audit log.
var (
	benchBody   = make([]byte, 14<<10)
	benchPlain  = make([]byte, 2500)
	benchSealed = make([]byte, 700)
)

func benchWrite(s collect.Store, project, version int64, n int64) error {
	id := fmt.Sprintf("uuid:%08d-d9cb-469f-a165-70867728950e", n)
	return s.Write(ctx, func(tx collect.Tx) error {
		r := stored(project, version, id)
		r.Body, r.DeviceSealed, r.Key = benchBody, benchSealed[:60], benchSealed[:32]
		seq, err := tx.AddRecord(r)
		if err != nil {
			return err
		}
		rows := []collect.StoredRow{
			{Version: version, Plain: benchPlain, Restricted: benchSealed, Strict: benchSealed[:200]},
			{Version: version, Path: "person", Plain: benchPlain[:200]}, {Version: version, Path: "person", Position: 1, Plain: benchPlain[:200]},
		}
		if err := tx.PutRows(seq, rows); err != nil {
			return err
		}
		return tx.Append(audit.Entry{At: day, Actor: "device:4", Act: "record.accept", Project: project, Object: "record:" + id, Detail: map[string]string{"version": "1"}})
	})
}

// BenchmarkWrites measures durable writes by 1, 10 and 50 callers at once.
func BenchmarkWrites(b *testing.B, open func(testing.TB) collect.Store) {
	for _, callers := range []int{1, 10, 50} {
		b.Run(fmt.Sprintf("callers=%d", callers), func(b *testing.B) {
			s := open(b)
			p, v := project(b, s, "u")
			var n atomic.Int64
			var wait sync.WaitGroup
			b.ResetTimer()
			for range callers {
				wait.Add(1)
				go func() {
					defer wait.Done()
					for {
						i := n.Add(1)
						if i > int64(b.N) {
							return
						}
						if err := benchWrite(s, p, v, i); err != nil {
							b.Error(err)
							return
						}
					}
				}()
			}
			wait.Wait()
			b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "writes/s")
		})
	}
}

// BenchmarkRead measures reading rows of many records: all main rows, all rows of a repeat, and the first of one.
func BenchmarkRead(b *testing.B, open func(testing.TB) collect.Store, records int64) {
	s := open(b)
	p, v := project(b, s, "u")
	var wait sync.WaitGroup
	var n atomic.Int64
	for range 32 {
		wait.Add(1)
		go func() {
			defer wait.Done()
			for i := n.Add(1); i <= records; i = n.Add(1) {
				if err := benchWrite(s, p, v, i); err != nil {
					b.Error(err)
					return
				}
			}
		}()
	}
	wait.Wait()
	q := collect.Query{Project: p, Form: "arrivals"}
	for _, c := range []struct {
		name  string
		path  string
		limit int
		after int64
		skip  int
		seal  bool
	}{{"main", "", 0, 0, 0, false}, {"main sealed too", "", 0, 0, 0, true}, {"repeat", "person", 0, 0, 0, false}, {"one row of the repeat", "person", 1, 0, 0, false}, {"by key", "", 250, records * 9 / 10, 0, false}, {"skip", "", 250, 0, int(records * 9 / 10), false}} {
		b.Run(c.name, func(b *testing.B) {
			q := q
			q.Limit, q.After, q.Skip, q.Restricted = c.limit, c.after, c.skip, c.seal
			rows := 0
			b.ReportAllocs()
			for b.Loop() {
				read(b, s, func(tx collect.Tx) error {
					for _, err := range tx.EachRow(q, c.path) {
						if err != nil {
							return err
						}
						rows++
					}
					return nil
				})
			}
			b.ReportMetric(float64(rows)/b.Elapsed().Seconds(), "rows/s")
		})
	}
	for name, look := range map[string]func(collect.Tx) error{
		"count records": func(tx collect.Tx) error { _, err := tx.CountRecords(q); return err },
		"count rows":    func(tx collect.Tx) error { _, err := tx.CountRows(q, "person"); return err },
		"form":          func(tx collect.Tx) error { _, err := tx.GetForm(p, "arrivals"); return err },
	} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				read(b, s, look)
			}
		})
	}
}
