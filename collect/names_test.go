package collect_test

import (
	"errors"
	"strconv"
	"testing"

	"waymark/collect"
	"waymark/fault"
	"waymark/trust/access"
)

func TestNames(t *testing.T) {
	h := newHouse(t)
	other, err := h.AddProject(ctx, access.Actor{Kind: access.System}, collect.Project{Name: "Elsewhere"})
	h.must(err)
	stranger := h.user("viewer", access.Scope{Project: other.ID})
	names, err := h.Names(ctx, h.viewer, h.project)
	h.must(err)
	if names["user:"+strconv.FormatInt(h.manager.ID, 10)] != "manager" || names["device:"+strconv.FormatInt(h.device.ID, 10)] != "Phone 1" {
		t.Errorf("%v", names)
	}
	if _, there := names["user:"+strconv.FormatInt(stranger.ID, 10)]; there {
		t.Error("somebody of another project is named")
	}
	if _, err := h.Names(ctx, stranger, h.project); !errors.Is(err, fault.Forbidden) {
		t.Errorf("a stranger is told names: %v", err)
	}
	if _, err := h.Names(ctx, h.viewer, 0); !errors.Is(err, fault.Forbidden) {
		t.Errorf("a viewer is told every name: %v", err)
	}
	all, err := h.Names(ctx, h.admin, 0)
	h.must(err)
	if len(all) <= len(names) {
		t.Errorf("%d names in all", len(all))
	}
}
