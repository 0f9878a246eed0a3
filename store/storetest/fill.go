package storetest

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"waymark/collect"
	"waymark/fault"
	"waymark/trust/access"
	"waymark/trust/audit"
)

// Filled is what Fill has put into a store.
type Filled struct {
	Project, Version int64
	Records          int
	Digests          []string // of blobs that it names
}

// Fill puts something into every table of a store.
func Fill(t testing.TB, s collect.Store) Filled {
	t.Helper()
	f := Filled{Records: 12}
	f.Project, f.Version = project(t, s, "0f8fad5b")
	p, v := f.Project, f.Version
	digest := func() string {
		d := fmt.Sprintf("%064x", 0xabc0+len(f.Digests))
		f.Digests = append(f.Digests, d)
		return d
	}
	write(t, s, func(tx collect.Tx) error {
		f.Digests = nil
		for i := range f.Records {
			r := stored(p, v, fmt.Sprintf("uuid:%d", i))
			r.DeviceSealed, r.Key, r.Issues = []byte("d"), []byte{0, byte(i)}, fault.Issues{{Code: "instance.range", Severity: fault.Soft}}
			r.Draft, r.Deleted = i%9 == 8, i%9 == 7
			seq, err := tx.AddRecord(r)
			if err != nil {
				return err
			}
			rows := []collect.StoredRow{{Version: v, Plain: []byte("plain é \x00\xff")}, {Version: v, Path: "person", Restricted: []byte{}, Strict: []byte("s")}}
			err = errors.Join(tx.PutRows(seq, rows), tx.PutAttachment(seq, collect.Attachment{Name: "صورة.jpg", Digest: digest(), Size: 5}),
				tx.AddAttachmentVersion(seq, "صورة.jpg", digest(), 5, day), tx.AddComment(seq, day, "user:1", []byte("note")),
				tx.Append(audit.Entry{At: day, Actor: "device:1", Act: "record.accept", Project: p, Detail: map[string]string{"n": fmt.Sprint(i)}}))
			if err != nil {
				return err
			}
		}
		first, err := tx.GetRecord(p, "arrivals", "uuid:0", collect.Published)
		if err != nil {
			return err
		}
		if err := tx.AddRecordVersion(first.Seq, withCurrent(first, "uuid:edit")); err != nil {
			return err
		}
		if err := tx.PurgeRecord(first.Seq + 1); err != nil {
			return err
		}
		user, err := tx.AddUser(collect.User{Email: "a@example.org", Grants: []access.Grant{{Role: "manager"}}, Created: day}, "hash")
		if err != nil {
			return err
		}
		_, e1 := tx.AddDevice(collect.Device{Project: p, Name: "tablet", Digest: true, Created: day}, []byte{1, 0, 2}, "ha1")
		_, e2 := tx.AddFlag(collect.Flag{Project: p, Form: "arrivals", Instance: "uuid:0", Code: "flag.x", Raised: day}, nil)
		_, e3 := tx.AddQuarantined(collect.Quarantined{Project: p, Reason: "collect.clash", At: day, Digest: digest()}, []collect.File{{Name: "a", Digest: digest()}})
		hook, e4 := tx.AddHook(collect.Hook{Project: p, URL: "https://example.org", Created: day}, []byte("s"))
		_, e5 := tx.AddVersion(collect.Version{Project: p, Form: "arrivals", Version: "2", Draft: true, Source: []byte("PK"), Media: []collect.Media{{Name: "m.png", Digest: digest()}}})
		return errors.Join(e1, e2, e3, e4, e5, tx.SetSetting("a", nil), tx.SetSetting("b", []byte{0, 1}), tx.PutRole(access.Role{Name: "x"}), tx.AddPasskey(user, []byte{9}, []byte("k")),
			tx.AddSession([]byte{7}, user, day), tx.PutOpening(collect.Opening{ID: "o", Project: p, Asked: day}, []byte("n")), tx.PutFormKey(p, "arrivals", collect.FormKey{Public: "p", Private: []byte("q")}),
			tx.PutList(collect.EntityList{Project: p, Name: "sites"}), tx.PutEntity(p, collect.Entity{ID: "e", List: "sites", Created: day}, collect.EntityVersion{Version: 1, At: day}, []byte("data")),
			tx.AddBacklog(p, collect.Backlog{List: "sites", Entity: "e", At: day}), tx.AddDelivery(collect.Delivery{Hook: hook, At: day, Next: day.Add(time.Hour)}, []byte("{}")))
	})
	return f
}
