package collect_test

import (
	"context"
	"crypto/sha256"
	"errors"
	"runtime"
	"strings"
	"testing"
	"time"

	"waymark/collect"
	"waymark/fault"
	"waymark/trust/access"
)

// noted is a store that finds writes which change something and leave no entry in the audit log.
type noted struct {
	collect.Store
	h *house
}

// unnoted are functions whose writes are no act of anybody: what is worked out again, sessions that ended by themselves, and
// how far hooks were told.
var unnoted = []string{"listHash", "Sweep", "Due", "Delivered", "Used"}

func (n *noted) state() (tables [32]byte, entries int) {
	sum := sha256.New()
	n.h.eachCell(func(table, text string) {
		if table == "audit" {
			entries++
			return
		}
		if !strings.HasPrefix(table, "sqlite_") {
			sum.Write([]byte(table + "\x00" + text + "\x00"))
		}
	})
	return [32]byte(sum.Sum(nil)), entries
}

func (n *noted) Write(ctx context.Context, act func(collect.Tx) error) error {
	was, before := n.state()
	err := n.Store.Write(ctx, act)
	is, after := n.state()
	if is == was || after > before {
		return err
	}
	pcs := make([]uintptr, 6)
	frames := runtime.CallersFrames(pcs[:runtime.Callers(2, pcs)])
	var from []string
	for {
		f, more := frames.Next()
		for _, name := range unnoted {
			if strings.HasSuffix(f.Function, "."+name) {
				return err
			}
		}
		if from = append(from, f.Function[strings.LastIndexByte(f.Function, '.')+1:]); !more {
			break
		}
	}
	n.h.t.Errorf("a write without an entry, by %s", strings.Join(from, " < "))
	return err
}

// Every write leaves an entry in the log, in the same transaction.
func TestEveryWriteIsNoted(t *testing.T) {
	h := newHouse(t)
	var err error
	h.Desk, err = collect.New(collect.Options{Store: &noted{h.store, h}, Blobs: h.blobs, Keys: h.keys, Now: h.clock.Now})
	h.must(err)
	h.publish(canaries)
	h.publish(canaries) // to the byte
	_, err = h.Accept(ctx, h.phone, collect.Sent{Project: h.project, Raw: canary("uuid:1", markStory), Device: markDevice})
	h.must(err)
	_, err = h.Accept(ctx, h.phone, collect.Sent{Project: h.project, Raw: canary("uuid:1", markStory), Files: []collect.File{h.file("p.jpg", markPhoto)}})
	h.must(err)
	if _, err := h.Accept(ctx, h.phone, collect.Sent{Project: h.project, Raw: canary("uuid:1", markHeld)}); !errors.Is(err, fault.Conflict) {
		t.Fatal(err)
	}
	held, err := h.Quarantine(ctx, h.manager, h.project)
	h.must(err)
	h.must(h.Settle(ctx, h.manager, h.project, held[0].ID, collect.TakeHeld))
	h.must(h.AddComment(ctx, h.reviewer, h.project, "canaries", "uuid:1", markComment))
	h.must(h.SetReview(ctx, h.reviewer, h.project, "canaries", "uuid:1", collect.Approved, markComment))
	h.must(h.RaiseFlag(ctx, h.reviewer, h.project, "canaries", "uuid:1", markNote))
	flags, err := h.Flags(ctx, h.reviewer, h.project, "canaries", "uuid:1")
	h.must(err)
	h.must(h.SetFlag(ctx, h.reviewer, h.project, flags[0].ID, "", "explained", ""))
	h.must(h.DeleteRecord(ctx, h.manager, h.project, "canaries", "uuid:1"))
	h.must(h.RestoreRecord(ctx, h.manager, h.project, "canaries", "uuid:1"))
	o, err := h.AskOpening(ctx, h.officer, h.project, "canaries", "", access.Purpose{Code: "referral", Note: markPurpose})
	h.must(err)
	h.must(h.GrantOpening(ctx, h.manager, h.project, o.ID, collect.Allow))
	hook, _, err := h.AddHook(ctx, h.manager, collect.Hook{Project: h.project, URL: "https://example.org/hook"})
	h.must(err)
	h.must(h.DropHook(ctx, h.manager, h.project, hook.ID))
	made, _, _, err := h.AddDevice(ctx, h.manager, collect.Device{Project: h.project, Name: "Phone 2"})
	h.must(err)
	made.Name = "Phone 3"
	h.must(h.SetDevice(ctx, h.manager, made))
	h.must(h.RevokeDevice(ctx, h.manager, h.project, made.ID))
	h.must(h.SetEntityList(ctx, h.manager, h.project, collect.EntityList{Name: "sites", Properties: []string{"code"}}))
	e, err := h.PutEntity(ctx, h.manager, h.project, collect.Entity{List: "sites", Label: "One", Data: map[string]string{"code": "1"}}, 0)
	h.must(err)
	e.Label = "Two"
	_, err = h.PutEntity(ctx, h.manager, h.project, e, e.Version)
	h.must(err)
	_, err = h.EntityLists(ctx, h.manager, h.project)
	h.must(err)
	h.must(h.DeleteEntity(ctx, h.manager, h.project, "sites", e.ID))
	u, err := h.AddUser(ctx, h.admin, collect.User{Email: "new@example.org"}, password)
	h.must(err)
	u.Name = "New"
	h.must(h.SetUser(ctx, h.admin, u))
	h.must(h.SetPassword(ctx, h.admin, u.ID, password))
	token, _, _, err := h.SignIn(ctx, u.Email, password, "10.0.0.1")
	h.must(err)
	h.must(h.SignOut(ctx, token))
	_, _, _, _ = h.SignIn(ctx, u.Email, "not the password", "10.0.0.1")
	h.must(h.SetRole(ctx, h.admin, access.Role{Name: "analyst", Rights: []access.Right{access.ReadForms}}))
	h.must(h.SetProject(ctx, h.manager, collect.Project{ID: h.project, Name: "Another name", RetainDays: 1}))
	h.must(h.SetForm(ctx, h.manager, h.project, "canaries", collect.Closing, false))
	h.must(h.MakeKey(ctx, h.manager, h.project, "canaries", "a passphrase of four words", ""))
	_, err = h.UploadForm(ctx, h.manager, h.project, "form.md", []byte(strings.Replace(canaries, "| 1       |", "| 2       |", 1)))
	h.must(err)
	h.must(h.DropDraft(ctx, h.manager, h.project, "canaries"))
	h.clock.pass(60 * 24 * time.Hour)
	_, err = h.Sweep(ctx)
	h.must(err)
	n, err := h.VerifyAudit(ctx)
	if err != nil || n < 30 {
		t.Errorf("%d entries, %v", n, err)
	}
}
