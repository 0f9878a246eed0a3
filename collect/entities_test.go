package collect_test

import (
	"bytes"
	"crypto/md5"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"waymark/collect"
	"waymark/fault"
	"waymark/trust/access"
)

const points = `
| survey |
|        | type     | name | label    | save_to |
|        | text     | name_of | Name  | called  |
|        | integer  | beds | Beds     | beds    |
| entities |
|          | list_name | entity_id | create_if | update_if | label |
|          | shelters  | coalesce(${name_of}, uuid()) | true() | true() | ${name_of} |
| settings |
|          | form_title | form_id | version |
|          | Shelters   | shelters | 1      |
`

const shelter = "7c8ab0fc-3a5e-4d0e-9f8e-111111111111"

// shelterRecord asks for a change of the shelter; attributes are those of the entity.
func shelterRecord(instance, attributes, label string, data ...string) []byte {
	var b strings.Builder
	for i := 0; i < len(data); i += 2 {
		fmt.Fprintf(&b, "<%s>%s</%s>", data[i], data[i+1], data[i])
	}
	return fmt.Appendf(nil, `<data id="shelters" version="1">%s<meta><instanceID>%s</instanceID><entity dataset="shelters" %s><label>%s</label></entity></meta></data>`,
		b.String(), instance, attributes, label)
}

func (h *house) shelter() (collect.Entity, []collect.EntityVersion) {
	h.t.Helper()
	e, versions, err := h.Entity(ctx, h.viewer, h.project, "shelters", shelter)
	h.must(err)
	return e, versions
}

func TestEntitiesFromRecords(t *testing.T) {
	id := `id="` + shelter + `" `
	made := shelterRecord("uuid:1", id+`create="1"`, "North", "name_of", "North", "beds", "10")
	for _, c := range []struct {
		name     string
		bodies   [][]byte
		version  int
		label    string
		beds     string
		conflict string
		reason   string // of a flag on the last record
	}{
		{"made", [][]byte{made}, 1, "North", "10", "", ""},
		{"made twice by one record", [][]byte{made, made}, 1, "North", "10", "", ""},
		{"made twice by two", [][]byte{made, shelterRecord("uuid:2", id+`create="1"`, "Other")}, 1, "North", "10", "", "exists"},
		{"changed on its newest version", [][]byte{made, shelterRecord("uuid:2", id+`update="1" baseVersion="1"`, "", "beds", "12")}, 2, "North", "12", "", ""},
		{"label changed", [][]byte{made, shelterRecord("uuid:2", id+`update="1" baseVersion="1"`, "South")}, 2, "South", "10", "", ""},
		{"changed twice on one base, other properties", [][]byte{made, shelterRecord("uuid:2", id+`update="1" baseVersion="1"`, "", "beds", "12"),
			shelterRecord("uuid:3", id+`update="1" baseVersion="1"`, "", "name_of", "Norte")}, 3, "North", "12", "soft", ""},
		{"changed twice on one base, the same property", [][]byte{made, shelterRecord("uuid:2", id+`update="1" baseVersion="1"`, "", "beds", "12"),
			shelterRecord("uuid:3", id+`update="1" baseVersion="1"`, "", "beds", "14")}, 3, "North", "14", "hard", ""},
		{"a base that is not there", [][]byte{made, shelterRecord("uuid:2", id+`update="1" baseVersion="5"`, "", "beds", "12")}, 1, "North", "10", "", "base"},
		{"an entity that is not there", [][]byte{made, shelterRecord("uuid:2", `id="7c8ab0fc-3a5e-4d0e-9f8e-222222222222" update="1" baseVersion="1"`, "", "beds", "12")}, 1, "North", "10", "", "unknown"},
		{"no UUID", [][]byte{made, shelterRecord("uuid:2", `id="one" create="1"`, "One")}, 1, "North", "10", "", "no-id"},
		{"no label", [][]byte{made, shelterRecord("uuid:2", `id="7c8ab0fc-3a5e-4d0e-9f8e-222222222222" create="1"`, "")}, 1, "North", "10", "", "no-label"},
		{"a trunk without a branch", [][]byte{made, shelterRecord("uuid:2", id+`update="1" baseVersion="1" trunkVersion="1"`, "", "beds", "12")}, 1, "North", "10", "", "no-branch"},
		{"offline, in order", [][]byte{made, shelterRecord("uuid:2", id+`update="1" baseVersion="1" trunkVersion="1" branchId="b1"`, "", "beds", "12"),
			shelterRecord("uuid:3", id+`update="1" baseVersion="2" trunkVersion="1" branchId="b1"`, "", "beds", "13")}, 3, "North", "13", "", ""},
		{"offline, the second first", [][]byte{made, shelterRecord("uuid:3", id+`update="1" baseVersion="2" trunkVersion="1" branchId="b1"`, "", "beds", "13"),
			shelterRecord("uuid:2", id+`update="1" baseVersion="1" trunkVersion="1" branchId="b1"`, "", "beds", "12")}, 3, "North", "13", "", ""},
		{"offline, the change before it was made", [][]byte{shelterRecord("uuid:3", id+`update="1" baseVersion="1" trunkVersion="" branchId="b1"`, "", "beds", "13"),
			shelterRecord("uuid:2", id+`create="1" branchId="b1"`, "North", "beds", "12")}, 2, "North", "13", "", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			h := newHouse(t)
			h.publish(points)
			last := ""
			for _, b := range c.bodies {
				h.clock.pass(time.Second)
				last = h.taken(b).Record.Instance
			}
			e, versions := h.shelter()
			beds := e.Data["beds"]
			if e.Version != c.version || e.Label != c.label || beds != c.beds || e.Conflict != c.conflict || len(versions) != c.version {
				t.Errorf("%+v, %d versions", e, len(versions))
			}
			flags, err := h.Flags(ctx, h.reviewer, h.project, "shelters", last)
			h.must(err)
			reason := ""
			for _, f := range flags {
				if f.Code == collect.FlagEntity {
					reason, _ = f.Args["reason"].(string)
				}
			}
			if reason != c.reason {
				t.Errorf("reason %q, want %q", reason, c.reason)
			}
		})
	}
}

// An update that waits for one that never comes is applied after five days.
func TestBacklogIsForced(t *testing.T) {
	h := newHouse(t)
	h.publish(points)
	id := `id="` + shelter + `" `
	h.taken(shelterRecord("uuid:1", id+`create="1"`, "North", "beds", "10"))
	h.taken(shelterRecord("uuid:3", id+`update="1" baseVersion="2" trunkVersion="1" branchId="b1"`, "", "beds", "13"))
	h.clock.pass(4 * 24 * time.Hour)
	if done, err := h.Sweep(ctx); err != nil || done.Backlog != 0 {
		t.Errorf("%+v %v", done, err)
	}
	h.clock.pass(25 * time.Hour)
	if done, err := h.Sweep(ctx); err != nil || done.Backlog != 1 {
		t.Errorf("%+v %v", done, err)
	}
	if e, _ := h.shelter(); e.Version != 2 || e.Data["beds"] != "13" {
		t.Errorf("%+v", e)
	}
}

// A list whose entries wait for approval has them when the record is approved.
func TestApproval(t *testing.T) {
	h := newHouse(t)
	h.publish(points)
	h.must(h.SetEntityList(ctx, h.manager, h.project, collect.EntityList{Name: "shelters", Approval: true}))
	h.taken(shelterRecord("uuid:1", `id="`+shelter+`" create="1"`, "North", "beds", "10"))
	if all, err := h.Entities(ctx, h.viewer, h.project, "shelters", false); err != nil || len(all) != 0 {
		t.Errorf("%+v %v", all, err)
	}
	h.must(h.SetReview(ctx, h.reviewer, h.project, "shelters", "uuid:1", collect.Approved, ""))
	if e, _ := h.shelter(); e.Label != "North" {
		t.Errorf("%+v", e)
	}
}

// What phones download is what the list's md5 says, before and after each change.
func TestListAsPhonesReadIt(t *testing.T) {
	h := newHouse(t)
	h.publish(points)
	h.publish(strings.Replace(strings.Replace(arrivals, "select_one sites", "select_one_from_file shelters.csv", 1), "| 1       |", "| 2       |", 1))
	seen := map[string]bool{}
	check := func(want string) {
		t.Helper()
		v, err := h.Version(ctx, h.phone, h.project, "arrivals", "", collect.Published)
		h.must(err)
		if len(v.Media) != 1 || v.Media[0].Entities != "shelters" {
			t.Fatalf("%+v", v.Media)
		}
		_, r, err := h.Media(ctx, h.phone, h.project, "arrivals", "", "shelters.csv", collect.Published)
		h.must(err)
		b, err := io.ReadAll(r)
		h.must(err)
		sum := md5.Sum(b)
		if hex.EncodeToString(sum[:]) != v.Media[0].MD5 || seen[v.Media[0].MD5] {
			t.Errorf("md5 %s, seen before: %v", v.Media[0].MD5, seen[v.Media[0].MD5])
		}
		seen[v.Media[0].MD5] = true
		if d := cmp.Diff(want, string(b)); d != "" {
			t.Error(d)
		}
	}
	check("name,label,__version,called,beds\n")
	h.taken(shelterRecord("uuid:1", `id="`+shelter+`" create="1"`, "=North, \"upper\"", "beds", "10"))
	check("name,label,__version,called,beds\n" + shelter + ",\"=North, \"\"upper\"\"\",1,,10\n")
	_, err := h.PutEntity(ctx, h.manager, h.project, collect.Entity{ID: shelter, List: "shelters", Label: "North", Data: map[string]string{"beds": "11"}}, 1)
	h.must(err)
	check("name,label,__version,called,beds\n" + shelter + ",North,2,,11\n")
	if _, err := h.PutEntity(ctx, h.manager, h.project, collect.Entity{ID: shelter, List: "shelters", Label: "North"}, 1); !errors.Is(err, fault.Conflict) {
		t.Errorf("an old base: %v", err)
	}
	h.must(h.DeleteEntity(ctx, h.manager, h.project, "shelters", shelter))
	gone, err := h.DeletedEntities(ctx, h.phone, h.project, "shelters", []string{shelter, "7c8ab0fc-3a5e-4d0e-9f8e-999999999999"})
	if err != nil || !gone[shelter] || len(gone) != 1 {
		t.Errorf("%v %v", gone, err)
	}
}

func TestEntityRights(t *testing.T) {
	h := newHouse(t)
	h.publish(points)
	for name, by := range map[string]access.Actor{"viewer": h.viewer, "phone": h.phone, "reviewer": h.reviewer, "nobody": {}} {
		if _, err := h.PutEntity(ctx, by, h.project, collect.Entity{List: "shelters", Label: "x"}, 0); !errors.Is(err, fault.Forbidden) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if err := h.EntityCSV(ctx, access.Actor{}, h.project, "shelters", &bytes.Buffer{}); !errors.Is(err, fault.Forbidden) {
		t.Errorf("nobody reads a list: %v", err)
	}
	if _, err := h.PutEntity(ctx, h.manager, h.project, collect.Entity{List: "shelters", Label: "x", Data: map[string]string{"unheard": "1"}}, 0); !errors.Is(err, fault.Invalid) {
		t.Errorf("%v", err)
	}
}
