package web

import (
	"iter"
	"time"

	"waymark/collect"
)

// page sizes: of tables that people read, and of what is counted.
const (
	pageRows  = 25
	countRows = 1000
	mostCount = 20_000 // records looked through for a count of the latest days
)

// recent gives the records of a form that arrived since a moment, latest first.
func (s *site) recent(a *ask, form string, since time.Time) iter.Seq2[collect.Record, error] {
	return func(yield func(collect.Record, error) bool) {
		q := collect.Query{Project: a.project.ID, Form: form, Newest: true, Limit: countRows}
		for range mostCount / countRows {
			some, err := s.desk.Records(a.ctx, a.by, q)
			if err != nil {
				yield(collect.Record{}, err)
				return
			}
			for _, r := range some {
				if r.Received.Before(since) || !yield(r, nil) {
					return
				}
			}
			if len(some) < countRows {
				return
			}
			q.After = some[len(some)-1].Seq
		}
	}
}
