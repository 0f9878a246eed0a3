package collect_test

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"strconv"
	"strings"
	"testing"
	"time"

	"waymark/collect"
	"waymark/fault"
	"waymark/trust/seal"
)

// Hooks are told of what happens, without answers, signed; what fails is tried again later and later.
func TestHooks(t *testing.T) {
	h := newHouse(t)
	h.publish(arrivals)
	hook, secret, err := h.AddHook(ctx, h.manager, collect.Hook{Project: h.project, URL: "https://example.org/told", Events: []string{"record.accepted"}})
	h.must(err)
	h.taken(record("uuid:1", "", "1", one))
	h.taken(record("uuid:1", "", "1", one))
	due, err := h.Due(ctx, 10)
	h.must(err)
	if len(due) != 1 || due[0].URL != hook.URL || !strings.Contains(string(due[0].Body), "uuid:1") || strings.Contains(string(due[0].Body), "river") {
		t.Fatalf("%+v", due)
	}
	mac := hmac.New(sha256.New, []byte(secret))
	mac.Write([]byte(strconv.FormatInt(due[0].At.Unix(), 10) + "." + string(due[0].Body)))
	if due[0].Signature != hex.EncodeToString(mac.Sum(nil)) {
		t.Error("the signature is another")
	}
	if again, err := h.Due(ctx, 10); err != nil || len(again) != 0 {
		t.Errorf("handed out twice: %v", err)
	}
	h.must(h.Delivered(ctx, due[0].Delivery.ID, 503))
	for _, wait := range []time.Duration{time.Minute, 2 * time.Minute, 4 * time.Minute} {
		h.clock.pass(wait - time.Second)
		if early, err := h.Due(ctx, 10); err != nil || len(early) != 0 {
			t.Errorf("%s: too early, %v", wait, err)
		}
		h.clock.pass(time.Second)
		late, err := h.Due(ctx, 10)
		if err != nil || len(late) != 1 {
			t.Fatalf("%s: %d due, %v", wait, len(late), err)
		}
		h.must(h.Delivered(ctx, late[0].Delivery.ID, 0))
	}
	h.clock.pass(time.Hour)
	late, err := h.Due(ctx, 10)
	h.must(err)
	h.must(h.Delivered(ctx, late[0].Delivery.ID, 200))
	h.clock.pass(time.Hour)
	if more, err := h.Due(ctx, 10); err != nil || len(more) != 0 {
		t.Errorf("sent after it arrived: %v", err)
	}
	log, err := h.Deliveries(ctx, h.manager, h.project, hook.ID)
	if err != nil || len(log) != 1 || !log[0].Done || log[0].Attempts != 5 || log[0].Status != 200 {
		t.Errorf("%+v %v", log, err)
	}
	for _, bad := range []string{"ftp://example.org", "example.org", "https://me:secret@example.org/", ""} {
		if _, _, err := h.AddHook(ctx, h.manager, collect.Hook{Project: h.project, URL: bad}); !errors.Is(err, fault.Invalid) {
			t.Errorf("%s: %v", bad, err)
		}
	}
}

// What phones encrypt is kept as it came, says nothing, and opens with the passphrase.
func TestEncryptedRecords(t *testing.T) {
	h := newHouse(t)
	if _, err := h.UploadForm(ctx, h.manager, h.project, "form.md", []byte(arrivals)); err != nil {
		t.Fatal(err)
	}
	const phrase = "seven slow boats crossed"
	h.must(h.MakeKey(ctx, h.manager, h.project, "arrivals", phrase, "the boats"))
	if err := h.MakeKey(ctx, h.manager, h.project, "arrivals", phrase, ""); !errors.Is(err, fault.Conflict) {
		t.Errorf("a second key: %v", err)
	}
	v, err := h.Publish(ctx, h.manager, h.project, "arrivals", "")
	h.must(err)
	f, err := h.Compiled(ctx, v)
	if err != nil || f.PublicKey == "" {
		t.Fatalf("no key in the form: %v", err)
	}
	plain := record("uuid:1", "", "1", answers{"people": "3", "place": "By the river", "photo": "a.jpg"}, answers{"age": "4"})
	m, files, err := seal.EncryptSubmission(f.PublicKey, "arrivals", "1", "uuid:1", []seal.ODKFile{{Name: "a.jpg", Bytes: []byte("a picture")}, {Name: "submission.xml", Bytes: plain}})
	h.must(err)
	manifest := []byte(`<data id="arrivals" version="1" encrypted="yes" xmlns="http://www.opendatakit.org/xforms/encrypted"><base64EncryptedKey>` + m.Key +
		`</base64EncryptedKey><meta xmlns="http://openrosa.org/xforms"><instanceID>uuid:1</instanceID></meta><media><file>a.jpg.enc</file></media><encryptedXmlFile>submission.xml.enc</encryptedXmlFile><base64EncryptedElementSignature>` +
		m.Signature + `</base64EncryptedElementSignature></data>`)
	got := h.taken(manifest, h.file("submission.xml.enc", string(files[1].Bytes)))
	if !got.Record.Encrypted || len(got.Missing) != 1 {
		t.Errorf("%+v", got)
	}
	if opened, left, err := h.DecryptRecords(ctx, h.officer, h.project, "arrivals", phrase); err != nil || opened != 0 || left != 1 {
		t.Errorf("opened %d before its files came, left %d, %v", opened, left, err)
	}
	h.taken(manifest, h.file("a.jpg.enc", string(files[0].Bytes)))
	if _, _, err := h.DecryptRecords(ctx, h.manager, h.project, "arrivals", phrase); !errors.Is(err, fault.Forbidden) {
		t.Errorf("a manager decrypts: %v", err)
	}
	if _, _, err := h.DecryptRecords(ctx, h.officer, h.project, "arrivals", "seven slow boats sank"); err == nil {
		t.Error("another passphrase opens")
	}
	if s, err := h.Source(ctx, h.viewer, h.project, "arrivals", ""); err != nil {
		t.Error(err)
	} else if schema, _ := s.Schema(ctx); schema.Rows != 0 {
		t.Errorf("%d rows of encrypted records", schema.Rows)
	}
	opened, left, err := h.DecryptRecords(ctx, h.officer, h.project, "arrivals", phrase)
	if err != nil || opened != 1 || left != 0 {
		t.Fatalf("opened %d, left %d, %v", opened, left, err)
	}
	r, err := h.Record(ctx, h.viewer, h.project, "arrivals", "uuid:1", collect.Published)
	if err != nil || r.Encrypted || r.Edits != 0 {
		t.Errorf("%+v %v", r, err)
	}
	door := h.opening("arrivals", "")
	raw, err := h.RawRecord(ctx, h.officer, h.project, "arrivals", "uuid:1", "", door)
	if err != nil || string(raw) != string(plain) {
		t.Errorf("%v", err)
	}
	_, file, err := h.Attachment(ctx, h.officer, h.project, "arrivals", "uuid:1", "a.jpg", door)
	h.must(err)
	defer file.Close()
	if b, err := io.ReadAll(file); err != nil || string(b) != "a picture" {
		t.Errorf("%q %v", b, err)
	}
	if n := len(h.keysOf(h.viewer, collect.Query{Table: "Submissions.person"})); n != 1 {
		t.Errorf("%d rows of the repeat", n)
	}
	if got := h.taken(manifest); got.New || len(got.Missing) != 0 { // the phone sends it again
		t.Errorf("%+v", got)
	}
}

// Retention and the bin take records away for good, with their files, and leave the mark that they were there.
func TestSweep(t *testing.T) {
	h := newHouse(t)
	h.publish(arrivals)
	h.must(h.SetProject(ctx, h.manager, collect.Project{ID: h.project, Name: "Flow monitoring", RetainDays: 90}))
	h.taken(record("uuid:1", "", "1", answers{"people": "3", "photo": "a.jpg"}), h.file("a.jpg", "a picture"))
	h.clock.pass(60 * 24 * time.Hour)
	h.taken(record("uuid:2", "", "1", one))
	h.taken(record("uuid:3", "", "1", answers{"people": "7"}))
	h.must(h.DeleteRecord(ctx, h.manager, h.project, "arrivals", "uuid:3"))
	h.must(h.RestoreRecord(ctx, h.manager, h.project, "arrivals", "uuid:3"))
	h.must(h.DeleteRecord(ctx, h.manager, h.project, "arrivals", "uuid:3"))
	count := func() int {
		n, err := h.CountRecords(ctx, h.viewer, collect.Query{Project: h.project, Form: "arrivals"})
		h.must(err)
		return n
	}
	sweep := func() collect.Swept {
		done, err := h.Sweep(ctx)
		h.must(err)
		return done
	}
	if done := sweep(); done.Records != 0 || count() != 2 {
		t.Errorf("%+v, %d left", done, count())
	}
	h.clock.pass(31 * 24 * time.Hour)
	if done := sweep(); done.Records != 2 || count() != 1 {
		t.Errorf("%+v, %d left", done, count())
	}
	if err := h.RestoreRecord(ctx, h.manager, h.project, "arrivals", "uuid:3"); !errors.Is(err, fault.Gone) {
		t.Errorf("restored: %v", err)
	}
	if _, err := h.send(record("uuid:1", "", "1", answers{"people": "3", "photo": "a.jpg"})); !errors.Is(err, fault.Conflict) {
		t.Errorf("what is gone comes back: %v", err)
	}
	held := func() int {
		all, err := h.Quarantine(ctx, h.manager, h.project)
		h.must(err)
		return len(all)
	}
	if held() != 1 { // what came back just now
		t.Errorf("%d held", held())
	}
	h.clock.pass(91 * 24 * time.Hour)
	if sweep(); held() != 0 {
		t.Errorf("%d held past the retention", held())
	}
	if _, err := h.VerifyAudit(ctx); err != nil {
		t.Error(err)
	}
}

// A clock that jumps ahead takes nothing away: not at once, not while the log is quiet, and never once it is set right.
// Where the time was meant, what is due goes after the patience.
func TestSweepWaitsForTheClock(t *testing.T) {
	h := newHouse(t)
	h.publish(arrivals)
	h.must(h.SetProject(ctx, h.manager, collect.Project{ID: h.project, Name: "Flow monitoring", RetainDays: 90}))
	h.taken(record("uuid:1", "", "1", one))
	if _, err := h.send(record("uuid:1", "", "1", answers{"people": "9"})); !errors.Is(err, fault.Conflict) {
		t.Fatal(err)
	}
	desk, err := collect.New(collect.Options{Store: h.store, Blobs: h.blobs, Keys: h.keys, Now: h.clock.Now, Patience: 3 * 24 * time.Hour})
	h.must(err)
	left := func() (records, held int) {
		_, err := desk.Sweep(ctx)
		h.must(err)
		records, err = h.CountRecords(ctx, h.viewer, collect.Query{Project: h.project, Form: "arrivals"})
		h.must(err)
		all, err := h.Quarantine(ctx, h.manager, h.project)
		h.must(err)
		return records, len(all)
	}
	const year = 365 * 24 * time.Hour
	h.clock.pass(10 * year)
	for hour := range 71 {
		if r, q := left(); r != 1 || q != 1 {
			t.Fatalf("%d records and %d held are left %d hours after the jump", r, q, hour)
		}
		h.clock.pass(time.Hour)
	}
	h.clock.pass(-10 * year)
	if r, q := left(); r != 1 || q != 1 {
		t.Fatalf("%d records and %d held are left after the clock was set right", r, q)
	}
	h.clock.pass(20 * year)
	waits := 0
	for ; waits < 100; waits++ {
		if r, q := left(); r == 0 && q == 0 {
			break
		}
		h.clock.pass(time.Hour)
	}
	if waits != 72 {
		t.Errorf("what is due goes after %d hours", waits)
	}
	if n, err := h.VerifyAudit(ctx); err != nil || n > 60 {
		t.Errorf("%d entries, %v", n, err)
	}
}

// A file that no record names is deleted, but never one that was just kept.
func TestSweepFiles(t *testing.T) {
	h := newHouse(t)
	h.publish(arrivals)
	f := h.file("a.jpg", "a picture")
	sweep := func() int {
		done, err := h.Sweep(ctx)
		h.must(err)
		return done.Blobs
	}
	if sweep() != 0 {
		t.Error("deleted at once")
	}
	h.clock.pass(2 * time.Hour)
	if sweep() != 0 {
		t.Error("a file of a post that may still be on its way is deleted")
	}
	h.taken(record("uuid:1", "", "1", answers{"photo": "a.jpg"}), f)
	desk, err := collect.New(collect.Options{Store: h.store, Blobs: h.blobs, Keys: h.keys, Now: h.clock.Now}) // the program was started again
	h.must(err)
	if _, err := h.KeepFile(ctx, "lost.jpg", "", strings.NewReader("of a post that broke off")); err != nil {
		t.Fatal(err)
	}
	for i, want := range []int{0, 1, 0} {
		done, err := desk.Sweep(ctx)
		h.must(err)
		if done.Blobs != want {
			t.Errorf("sweep %d deletes %d", i, done.Blobs)
		}
		h.clock.pass(2 * time.Hour)
	}
	if _, r, err := desk.Attachment(ctx, h.officer, h.project, "arrivals", "uuid:1", "a.jpg", h.opening("arrivals", "")); err != nil {
		t.Error(err)
	} else {
		r.Close()
	}
}

// A store that fails leaves the record with the phone: nothing is acknowledged and nothing is held.
func TestStopIsNoRefusal(t *testing.T) {
	h := newHouse(t)
	h.publish(arrivals)
	stopped, stop := context.WithCancel(ctx)
	stop()
	if _, err := h.Accept(stopped, h.phone, collect.Sent{Project: h.project, Raw: record("uuid:1", "", "1", one)}); err == nil {
		t.Error("taken")
	}
	if held, err := h.Quarantine(ctx, h.manager, h.project); err != nil || len(held) != 0 {
		t.Errorf("%d held, %v", len(held), err)
	}
	if got := h.taken(record("uuid:1", "", "1", one)); !got.New {
		t.Errorf("%+v", got)
	}
}

// Form bytes that phones have never change, and a change of version touches nothing else of them.
func TestPublishedBytes(t *testing.T) {
	h := newHouse(t)
	draft, err := h.UploadForm(ctx, h.manager, h.project, "form.md", []byte(arrivals))
	h.must(err)
	v, err := h.Publish(ctx, h.manager, h.project, "arrivals", `2"<&`)
	h.must(err)
	if want := strings.Replace(string(draft.XML), ` version="1"`, ` version="2&quot;&lt;&amp;"`, 1); string(v.XML) != want {
		t.Error("more than the version changed")
	}
	sent, err := h.UploadForm(ctx, h.manager, h.project, "form.xml", draft.XML)
	if err != nil || sent.Source != nil || string(sent.XML) != string(draft.XML) {
		t.Errorf("XML as it was sent: %v", err)
	}
	for name, file := range map[string]string{"form.docx": "x", "form.xml": "<html/>", "form.md": "| nothing |", "form.csv": "", "form.xlsx": "PK\x03\x04rubbish"} {
		if _, err := h.UploadForm(ctx, h.manager, h.project, name, []byte(file)); !errors.Is(err, fault.Invalid) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// A program that would put answers under other questions reads and takes nothing; phones keep their records.
func TestOrderIsPinned(t *testing.T) {
	h := newHouse(t)
	v := h.publish(arrivals)
	h.taken(record("uuid:1", "", "1", one))
	h.must(h.store.Write(ctx, func(tx collect.Tx) error {
		return tx.SetSetting("columns."+strconv.FormatInt(v.ID, 10), []byte("another"))
	}))
	later, err := collect.New(collect.Options{Store: h.store, Blobs: h.blobs, Keys: h.keys, Now: h.clock.Now})
	h.must(err)
	for row, err := range later.Rows(ctx, h.viewer, collect.Query{Project: h.project, Form: "arrivals"}) {
		if !errors.Is(err, fault.Unavailable) {
			t.Errorf("%s %v", row.Key, err)
		}
	}
	if _, err := later.Accept(ctx, h.phone, collect.Sent{Project: h.project, Raw: record("uuid:2", "", "1", one)}); !errors.Is(err, fault.Unavailable) {
		t.Error(err)
	}
	if held, err := h.Quarantine(ctx, h.manager, h.project); err != nil || len(held) != 0 {
		t.Errorf("%d held, %v", len(held), err)
	}
}
