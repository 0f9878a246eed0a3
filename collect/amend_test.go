package collect_test

import (
	"errors"
	"strings"
	"testing"

	"waymark/collect"
	"waymark/fault"
)

func TestAmend(t *testing.T) {
	h := newHouse(t)
	h.publish(arrivals)
	raw := record("uuid:one", "", "1", answers{"site": "s1", "people": "3", "held": "y", "point": "12.5 2.1 0 5"})
	if _, err := h.Accept(ctx, h.phone, collect.Sent{Project: h.project, Form: "arrivals", Raw: raw}); err != nil {
		t.Fatal(err)
	}
	if _, err := h.Amend(ctx, h.viewer, h.project, "arrivals", "uuid:one", "uuid:one", map[string]string{"people": "4"}); !errors.Is(err, fault.Forbidden) {
		t.Errorf("a viewer edits: %v", err)
	}
	for _, path := range []string{"held", "point", "person/age", "absent"} {
		if _, err := h.Amend(ctx, h.manager, h.project, "arrivals", "uuid:one", "uuid:one", map[string]string{path: "4"}); !errors.Is(err, fault.Forbidden) {
			t.Errorf("%s is changed: %v", path, err)
		}
	}
	if _, err := h.Amend(ctx, h.manager, h.project, "arrivals", "uuid:one", "uuid:zero", map[string]string{"people": "4"}); !errors.Is(err, fault.Conflict) {
		t.Errorf("an earlier version is changed: %v", err)
	}
	got, err := h.Amend(ctx, h.manager, h.project, "arrivals", "uuid:one", "uuid:one", map[string]string{"people": "4"})
	h.must(err)
	if !got.Edited || got.Record.Edits != 1 || got.Record.Review != collect.Edited || !strings.HasPrefix(got.Record.Current, "uuid:") || got.Record.Current == "uuid:one" {
		t.Errorf("%+v", got)
	}
	found := ""
	for row, err := range h.Rows(ctx, h.manager, collect.Query{Project: h.project, Form: "arrivals", Columns: []string{"people"}}) {
		h.must(err)
		found += row.Cells[0].Text
	}
	if found != "4" {
		t.Errorf("the answer is %q", found)
	}
}
