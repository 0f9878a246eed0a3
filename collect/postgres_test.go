package collect_test

import (
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"waymark/collect"
	"waymark/store/blob"
	"waymark/store/postgres"
	"waymark/store/storetest"
	"waymark/trust/seal"
)

func TestMain(m *testing.M) { os.Exit(storetest.Main(m)) }

// offices are two programs on one database in PostgreSQL, with the same keys.
func offices(t *testing.T) (one, two *house) {
	t.Helper()
	address, keys, dir := storetest.Postgres(t), seal.NewMaster().Keys(), t.TempDir()
	at := &clock{now: time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)}
	program := func() *house {
		h := &house{t: t, dir: dir, clock: at, keys: keys}
		store, err := postgres.Open(ctx, address, collect.ChainKey(keys))
		h.must(err)
		t.Cleanup(func() { store.Close() })
		blobs, err := blob.Open(filepath.Join(dir, "blobs"))
		h.must(err)
		h.store, h.blobs = store, blobs
		h.Desk, err = collect.New(collect.Options{Store: store, Blobs: blobs, Keys: keys, Now: at.Now})
		h.must(err)
		return h
	}
	one, two = program(), program()
	one.furnish()
	two.project, two.manager = one.project, one.manager
	var err error
	two.phone, _, err = two.DeviceByToken(ctx, one.token)
	one.must(err)
	return one, two
}

// Two offices that share a database take the same records at the same time, and keep each once.
func TestTwoOffices(t *testing.T) {
	one, two := offices(t)
	one.publish(arrivals)
	var wait sync.WaitGroup
	fresh := make(chan string, 200)
	for i := range 40 {
		for _, h := range []*house{one, two} {
			wait.Go(func() {
				id := fmt.Sprintf("uuid:%d", i%10)
				got, err := h.send(record(id, "", "1", answers{"people": "3", "place": "x"}, answers{"age": "4"}))
				if err != nil {
					t.Error(err)
				}
				if got.New {
					fresh <- id
				}
			})
		}
	}
	wait.Wait()
	close(fresh)
	seen := map[string]int{}
	for id := range fresh {
		seen[id]++
	}
	for id, n := range seen {
		if n != 1 {
			t.Errorf("%s is new %d times", id, n)
		}
	}
	n, err := two.CountRecords(ctx, two.manager, collect.Query{Project: two.project, Form: "arrivals"})
	if err != nil || n != 10 || len(seen) != 10 {
		t.Errorf("%d records, %d new, %v", n, len(seen), err)
	}
	if rows := len(two.keysOf(two.manager, collect.Query{Table: "Submissions.person"})); rows != 10 {
		t.Errorf("%d rows of the repeat", rows)
	}
	if _, err := one.VerifyAudit(ctx); err != nil {
		t.Error(err)
	}
}

// A laptop's records are brought into the office's database.
func TestJoinIntoPostgres(t *testing.T) {
	away := newHouse(t)
	away.publish(arrivals)
	away.three()
	office, _ := offices(t)
	done, err := office.Join(ctx, machine, away.Desk)
	if err != nil || done.Records != 3 || done.Projects != 1 {
		t.Fatalf("%+v %v", done, err)
	}
	if done, err = office.Join(ctx, machine, away.Desk); err != nil || done.Records != 0 || done.Present != 3 {
		t.Errorf("%+v %v", done, err)
	}
}

// What is protected stands in no file of PostgreSQL, its log of writes included, which nothing encrypts but us.
func TestNothingStandsPlainInPostgres(t *testing.T) {
	one, _ := offices(t)
	one.plant()
	if !one.filesHoldNoMark(storetest.PostgresFiles(t), "uuid:1") {
		t.Error("the walk reads nothing of the database")
	}
	one.filesHoldNoMark(one.dir, "uuid:1")
}
