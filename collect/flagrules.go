package collect

import (
	"context"
	"math"
	"strconv"
	"strings"
	"time"

	"waymark/dataset"
	"waymark/fault"
)

// The flags that rules raise. docs/methods/quality-flags.md has the rules and their limits.
const (
	FlagAnswers   fault.Code = "flag.answers"         // count: answers that do not fit the form
	FlagVersion   fault.Code = "flag.unknown-version" //
	FlagShort     fault.Code = "flag.short-interview" // minutes, limit
	FlagOrder     fault.Code = "flag.end-before-start"
	FlagFuture    fault.Code = "flag.clock-ahead"  // minutes
	FlagPast      fault.Code = "flag.clock-behind" // days
	FlagDuplicate fault.Code = "flag.duplicate"    // record: instance id of the other
	FlagFar       fault.Code = "flag.far-from-site"
	FlagEntity    fault.Code = "flag.entity" // list, reason: a code
	FlagLog       fault.Code = "flag.log-unreadable"
	FlagOther     fault.Code = "flag.other" // raised by hand
)

const (
	secondsAnAnswer = 3                // an interview that takes less for each answer is short
	clockSlack      = 15 * time.Minute // a phone's clock may be ahead of ours by as much
	clockPast       = 24 * time.Hour   // an interview may end as long before its form was published
	farKilometres   = 5                // where the site does not say how far it reaches
)

// doubt raises flags on a record that has been taken apart.
func (d *Desk) doubt(ctx context.Context, a *arrival) error {
	if n := len(a.stored.Issues); n > 0 {
		a.flag(FlagAnswers, map[string]any{"count": n})
	}
	start, okStart := readTime(a.plain(a.edition.marks.start))
	end, okEnd := readTime(a.plain(a.edition.marks.end))
	if okStart && okEnd && end.Before(start) {
		a.flag(FlagOrder, nil)
	}
	latest := end
	if !okEnd || okStart && start.After(end) {
		latest, okEnd = start, okEnd || okStart
	}
	if okEnd && latest.Sub(a.at) > clockSlack {
		a.flag(FlagFuture, map[string]any{"minutes": int(latest.Sub(a.at).Minutes())})
	}
	if okEnd && !a.edition.since.IsZero() && a.edition.since.Sub(latest) > clockPast {
		a.flag(FlagPast, map[string]any{"days": int(a.edition.since.Sub(latest).Hours() / 24)})
	}
	if spent, ok := a.duration(); ok {
		if limit := time.Duration(a.answered()*secondsAnAnswer) * time.Second; spent < limit {
			a.flag(FlagShort, map[string]any{"minutes": math.Round(spent.Minutes()*10) / 10, "limit": math.Round(limit.Minutes()*10) / 10})
		}
	}
	return d.doubtPlace(ctx, a)
}

// duration is how long an interview took: by the phone's log where there is one, else from start to end.
func (a *arrival) duration() (time.Duration, bool) {
	if a.spent > 0 {
		return a.spent, true
	}
	start, ok := readTime(a.plain(a.edition.marks.start))
	end, okEnd := readTime(a.plain(a.edition.marks.end))
	if !ok || !okEnd || end.Before(start) {
		return 0, false
	}
	return end.Sub(start), true
}

// answered counts the questions that people answered.
func (a *arrival) answered() int {
	n := 0
	for i := range a.rows {
		for _, k := range a.edition.marks.answers[a.rows[i].Table] {
			if a.rows[i].Cells[k].Missing == dataset.Present {
				n++
			}
		}
	}
	return n
}

// readTime reads a date and time as phones write it.
func readTime(s string) (time.Time, bool) {
	for _, layout := range []string{"2006-01-02T15:04:05.999Z07:00", "2006-01-02T15:04:05.999-0700", "2006-01-02T15:04:05.999-07", "2006-01-02T15:04:05.999"} {
		if t, err := time.Parse(layout, s); err == nil {
			return t, true
		}
	}
	return time.Time{}, false
}

// sites are where the sites of a project lie.
type sites struct {
	at time.Time
	of map[string]place
}

// place is a point on the earth in degrees and how far what it stands for reaches.
type place struct {
	latitude, longitude float64
	kilometres          float64
}

// readPoint reads "lat lon alt acc".
func readPoint(s string) (place, bool) {
	parts := strings.Fields(s)
	if len(parts) < 2 {
		return place{}, false
	}
	lat, err := strconv.ParseFloat(parts[0], 64)
	lon, err2 := strconv.ParseFloat(parts[1], 64)
	ok := err == nil && err2 == nil && math.Abs(lat) <= 90 && math.Abs(lon) <= 180
	return place{latitude: lat, longitude: lon}, ok
}

// kilometresTo is the length of the great circle between two points (haversine, on a sphere of 6,371 km).
func (p place) kilometresTo(o place) float64 {
	const radians = math.Pi / 180
	dLat, dLon := (o.latitude-p.latitude)*radians/2, (o.longitude-p.longitude)*radians/2
	h := math.Sin(dLat)*math.Sin(dLat) + math.Cos(p.latitude*radians)*math.Cos(o.latitude*radians)*math.Sin(dLon)*math.Sin(dLon)
	return 2 * 6371 * math.Asin(math.Min(1, math.Sqrt(h)))
}

// doubtPlace flags an interview that was held far from the site it names.
func (d *Desk) doubtPlace(ctx context.Context, a *arrival) error {
	here, ok := readPoint(a.plain(a.edition.marks.point))
	if !ok || a.stored.Site == "" {
		return nil
	}
	all, err := d.sitesOf(ctx, a.standing)
	if err != nil {
		return err
	}
	site, ok := all.of[a.stored.Site]
	if !ok {
		return nil
	}
	limit := site.kilometres
	if limit <= 0 {
		limit = farKilometres
	}
	if far := here.kilometresTo(site); far > limit {
		// Whole kilometres: finer ones, from several sites, would tell who may not see the place where it is.
		a.flag(FlagFar, map[string]any{"kilometres": math.Ceil(far), "limit": limit})
	}
	return nil
}

// sitesFresh is how long the places of sites are remembered.
const sitesFresh = time.Minute

// siteLists are the entity lists whose entries are sites: their code is the property code, else the label; their place
// the property geometry, and how far they reach the property radius_km.
var siteLists = []string{"sites", "fmps", "flow_monitoring_points"}

func (d *Desk) sitesOf(ctx context.Context, st *standing) (*sites, error) {
	m := &d.memory
	m.lock.Lock()
	have := m.sites[st.project.ID]
	m.lock.Unlock()
	if have != nil && time.Since(have.at) < sitesFresh {
		return have, nil
	}
	out := &sites{at: time.Now(), of: map[string]place{}}
	err := d.options.Store.Read(ctx, func(tx Tx) error {
		for _, name := range siteLists {
			if _, ok := st.lists[name]; !ok {
				continue
			}
			for sealed, err := range tx.EachEntity(st.project.ID, name, false) {
				if err != nil {
					return err
				}
				e, err := d.openEntity(st.project.ID, sealed.Entity, sealed.Sealed)
				if err != nil {
					return err
				}
				if p, ok := readPoint(e.Data["geometry"]); ok {
					p.kilometres, _ = strconv.ParseFloat(e.Data["radius_km"], 64)
					out.of[siteCode(e)] = p
				}
			}
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	m.lock.Lock()
	defer m.lock.Unlock()
	if m.sites == nil {
		m.sites = map[int64]*sites{}
	}
	m.sites[st.project.ID] = out
	return out, nil
}

// siteCode is the code that records name a site by.
func siteCode(e Entity) string {
	for _, name := range []string{"code", "site_code", "pcode"} {
		if s := e.Data[name]; s != "" {
			return s
		}
	}
	return e.Label
}
