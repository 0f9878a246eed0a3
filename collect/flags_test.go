package collect_test

import (
	"errors"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"waymark/collect"
	"waymark/fault"
)

// Each rule raises its flag, and an interview without fault raises none.
func TestFlagRules(t *testing.T) {
	const start, end = "2026-03-02T08:00:00.000Z", "2026-03-02T08:40:00.000Z"
	good := answers{"start": start, "end": end, "site": "s1", "people": "3", "place": "x", "held": "y"}
	with := func(changes ...string) answers {
		out := answers{}
		for k, v := range good {
			out[k] = v
		}
		for i := 0; i < len(changes); i += 2 {
			out[changes[i]] = changes[i+1]
		}
		return out
	}
	for _, c := range []struct {
		name string
		body []byte
		want []string
	}{
		{"without fault", record("uuid:9", "", "1", good), nil},
		{"an unknown version", record("uuid:9", "", "7", good), []string{"flag.unknown-version"}},
		{"ends before it begins", record("uuid:9", "", "1", with("end", "2026-03-02T07:00:00.000Z")), []string{"flag.end-before-start"}},
		{"ends tomorrow", record("uuid:9", "", "1", with("end", "2026-03-03T08:00:00.000Z")), []string{"flag.clock-ahead"}},
		{"ends within what clocks may differ", record("uuid:9", "", "1", with("end", "2026-03-02T09:10:00.000Z")), nil},
		{"ends before the form was published", record("uuid:9", "", "1", with("start", "2020-01-01T08:00:00.000Z", "end", "2020-01-01T08:30:00.000Z")), []string{"flag.clock-behind"}},
		{"five seconds for four answers", record("uuid:9", "", "1", with("end", "2026-03-02T08:00:05.000Z")), []string{"flag.short-interview"}},
		{"an answer that the list lacks", record("uuid:9", "", "1", with("site", "s77")), []string{"flag.answers"}},
		{"near its site", record("uuid:9", "", "1", with("point", "12.01 7.0 0 5")), nil},
		{"far from its site", record("uuid:9", "", "1", with("point", "13.5 7.0 0 5")), []string{"flag.far-from-site"}},
		{"at a site that says how far it reaches", record("uuid:9", "", "1", with("site", "s2", "point", "13.5 7.0 0 5")), nil},
		{"the same answers again", record("uuid:9", "", "1", with("people", "8", "place", "z")), []string{"flag.duplicate"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			h := newHouse(t)
			h.publish(arrivals)
			h.must(h.SetEntityList(ctx, h.manager, h.project, collect.EntityList{Name: "sites", Properties: []string{"code", "geometry", "radius_km"}}))
			for code, data := range map[string]map[string]string{"s1": {"code": "s1", "geometry": "12 7 0 0"}, "s2": {"code": "s2", "geometry": "12 7 0 0", "radius_km": "500"}} {
				if _, err := h.PutEntity(ctx, h.manager, h.project, collect.Entity{List: "sites", Label: code, Data: data}, 0); err != nil {
					t.Fatal(err)
				}
			}
			h.taken(record("uuid:8", "", "1", with("people", "8", "place", "z")))
			got := h.taken(c.body)
			flags, err := h.Flags(ctx, h.reviewer, h.project, "arrivals", "uuid:9")
			h.must(err)
			var have []string
			for _, f := range flags {
				have = append(have, string(f.Code))
			}
			slices.Sort(have)
			if d := cmp.Diff(c.want, have); d != "" {
				t.Error(d)
			}
			if got.Record.Flags != len(have) {
				t.Errorf("%d flags on the record", got.Record.Flags)
			}
		})
	}
}

// A flag has an owner and an outcome; one with an outcome is closed, and may be opened again.
func TestFlagOutcome(t *testing.T) {
	h := newHouse(t)
	h.publish(arrivals)
	h.taken(record("uuid:1", "", "7", one))
	flags, err := h.Flags(ctx, h.reviewer, h.project, "arrivals", "")
	if err != nil || len(flags) != 1 {
		t.Fatalf("%+v %v", flags, err)
	}
	open := func() (int, int) {
		flags, err := h.Flags(ctx, h.reviewer, h.project, "arrivals", "")
		h.must(err)
		r, err := h.Record(ctx, h.viewer, h.project, "arrivals", "uuid:1", collect.Published)
		h.must(err)
		return len(flags), r.Flags
	}
	h.must(h.SetFlag(ctx, h.reviewer, h.project, flags[0].ID, "user:3", "explained", "the phone had an old form"))
	if a, b := open(); a != 0 || b != 0 {
		t.Errorf("%d open, %d on the record", a, b)
	}
	closed, err := h.Flags(ctx, h.reviewer, h.project, "arrivals", "uuid:1")
	if err != nil || closed[0].Note != "the phone had an old form" || closed[0].Owner != "user:3" || closed[0].Closed.IsZero() {
		t.Errorf("%+v %v", closed, err)
	}
	h.must(h.SetFlag(ctx, h.reviewer, h.project, flags[0].ID, "user:3", "", ""))
	if a, b := open(); a != 1 || b != 1 {
		t.Errorf("%d open, %d on the record", a, b)
	}
	if err := h.SetFlag(ctx, h.reviewer, h.project, flags[0].ID, "", "forgotten", ""); !errors.Is(err, fault.Invalid) {
		t.Errorf("%v", err)
	}
	if err := h.SetFlag(ctx, h.viewer, h.project, flags[0].ID, "", "explained", ""); !errors.Is(err, fault.Forbidden) {
		t.Errorf("%v", err)
	}
}

func TestEnumerators(t *testing.T) {
	h := newHouse(t)
	h.publish(arrivals)
	send := func(id, minutes, people, site string) {
		end := "2026-03-02T08:" + minutes + ":00.000Z"
		h.taken(record(id, "", "1", answers{"start": "2026-03-02T08:00:00.000Z", "end": end, "people": people, "site": site}))
	}
	send("uuid:1", "10", "10", "s1")
	send("uuid:2", "20", "15", "s1")
	send("uuid:3", "40", "17", "s1")
	send("uuid:4", "00", "21", "")
	sheet, err := h.Enumerators(ctx, h.reviewer, h.project, "arrivals")
	if err != nil || len(sheet) != 1 {
		t.Fatalf("%+v %v", sheet, err)
	}
	l := sheet[0]
	if l.Name != "Phone 1" || l.Records != 4 || l.MedianMinutes != 15 || l.Short != 1 || l.DigitPreference != 0.5 || math.Abs(l.MissingShare-1.0/8) > 1e-9 {
		t.Errorf("%+v", l)
	}
	if _, err := h.Enumerators(ctx, h.viewer, h.project, "arrivals"); !errors.Is(err, fault.Forbidden) {
		t.Errorf("a viewer sees the sheet: %v", err)
	}
}

// The phone's log says how long an interview took, whatever its start and end say.
func TestLogCountsTime(t *testing.T) {
	h := newHouse(t)
	h.publish(canaries)
	file := func(ms string) collect.File {
		return h.file("audit.csv", "event,node,start,end\nform start,,1000,\nquestion,/data/fed,1000,"+ms+"\n")
	}
	raw := func(id string) []byte {
		return []byte(strings.Replace(strings.Replace(string(canary(id, "long")), "<start>", "<end>2026-03-02T08:50:00.000Z</end><start>", 1), markWho, "y", 1))
	}
	_, err := h.Accept(ctx, h.phone, collect.Sent{Project: h.project, Raw: raw("uuid:1"), Files: []collect.File{file("3000")}})
	h.must(err)
	flags, err := h.Flags(ctx, h.reviewer, h.project, "canaries", "uuid:1")
	h.must(err)
	if !slices.ContainsFunc(flags, func(f collect.Flag) bool { return f.Code == collect.FlagShort }) {
		t.Errorf("two seconds by the log: %+v", flags)
	}
	_, err = h.Accept(ctx, h.phone, collect.Sent{Project: h.project, Raw: raw("uuid:2"), Files: []collect.File{h.file("audit.csv", "\"never closed")}})
	h.must(err)
	flags, err = h.Flags(ctx, h.reviewer, h.project, "canaries", "uuid:2")
	h.must(err)
	if !slices.ContainsFunc(flags, func(f collect.Flag) bool { return f.Code == collect.FlagLog }) {
		t.Errorf("a broken log: %+v", flags)
	}

	// A log that comes by itself, later, counts as well.
	_, err = h.Accept(ctx, h.phone, collect.Sent{Project: h.project, Raw: raw("uuid:3")})
	h.must(err)
	if _, err := h.Attach(ctx, h.viewer, h.project, "canaries", "uuid:3", collect.Published, file("3000")); !errors.Is(err, fault.Forbidden) {
		t.Errorf("a viewer adds a file: %v", err)
	}
	r, err := h.Attach(ctx, h.phone, h.project, "canaries", "uuid:3", collect.Published, file("3000"))
	h.must(err)
	events := 0
	for row, err := range h.Rows(ctx, h.viewer, collect.Query{Project: h.project, Form: "canaries", Table: "Audit", Instance: "uuid:3"}) {
		h.must(err)
		if row.Record.Instance == "uuid:3" {
			events++
		}
	}
	if events != 2 || len(r.Attachments) != 2 {
		t.Errorf("%d events, %+v", events, r.Attachments)
	}
}
