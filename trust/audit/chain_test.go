package audit_test

import (
	"errors"
	"fmt"
	"iter"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"waymark/fault"
	"waymark/trust/audit"
)

var key = []byte("a key of the chain for tests only")

func code(err error) fault.Code {
	var i fault.Issue
	errors.As(err, &i)
	return i.Code
}

func walk(links []audit.Link) iter.Seq2[audit.Link, error] {
	return func(yield func(audit.Link, error) bool) {
		for _, l := range links {
			if !yield(l, nil) {
				return
			}
		}
	}
}

func sample(n int) (links []audit.Link, head audit.Head) {
	c := audit.NewChain(key, audit.Head{})
	for i := range n {
		e := audit.Entry{At: time.Date(2026, 5, 1, 9, i, 0, 123456789, time.FixedZone("", 3600)), Actor: fmt.Sprintf("user:%d", i%3), Act: "record.accept", Project: int64(i % 2), Object: "record:uuid:1"}
		if i%2 == 0 {
			e.Detail = map[string]string{"version": "3", "files": fmt.Sprint(i)}
		}
		links = append(links, c.Next(e))
	}
	return links, c.Head()
}

func TestChainHolds(t *testing.T) {
	links, head := sample(7)
	got, err := audit.Verify(key, walk(links), head, audit.Head{Number: 3, Hash: links[2].Hash})
	if err != nil || got.Number != 7 || len(got.Hash) != audit.HashSize {
		t.Fatalf("got %v, %v", got.Number, err)
	}
	if empty, err := audit.Verify(key, walk(nil)); err != nil || empty.Number != 0 {
		t.Errorf("an empty log: %v, %v", empty, err)
	}
	more := audit.NewChain(key, head)
	if _, err := audit.Verify(key, walk(append(links, more.Next(audit.Entry{Act: "x"})))); err != nil {
		t.Errorf("gone on from a head: %v", err)
	}
	if links[0].At.Nanosecond()%1000 != 0 || links[0].At.Location() != time.UTC {
		t.Error("the time is not what a database gives back")
	}
	back := audit.NewChain(key, audit.Head{})
	was := back.Next(audit.Entry{Act: "kept"})
	at := back.Head()
	back.Next(audit.Entry{Act: "rolled back"})
	back.Back(at)
	if _, err := audit.Verify(key, walk([]audit.Link{was, back.Next(audit.Entry{Act: "kept too"})})); err != nil {
		t.Errorf("set back: %v", err)
	}
}

// TestEveryChangeIsFound changes each field of each link, takes each away, puts one in before each, swaps each with
// each, and cuts at each place.
func TestEveryChangeIsFound(t *testing.T) {
	links, head := sample(6)
	wants := func(name string, list []audit.Link, want fault.Code, number int64) {
		t.Helper()
		got, err := audit.Verify(key, walk(list), head)
		if code(err) != want {
			t.Errorf("%s: got %v, want %s", name, err, want)
		}
		if got.Number != number-1 {
			t.Errorf("%s: holds up to %d, want %d", name, got.Number, number-1)
		}
	}
	changes := map[string]func(*audit.Link){
		"time":           func(l *audit.Link) { l.At = l.At.Add(time.Microsecond) },
		"actor":          func(l *audit.Link) { l.Actor = "user:99" },
		"act":            func(l *audit.Link) { l.Act += "." },
		"project":        func(l *audit.Link) { l.Project++ },
		"object":         func(l *audit.Link) { l.Object = "" },
		"purpose":        func(l *audit.Link) { l.Purpose = "referral" },
		"detail":         func(l *audit.Link) { l.Detail = map[string]string{"version": "4"} },
		"hash":           func(l *audit.Link) { l.Hash = slices.Clone(l.Hash); l.Hash[0] ^= 1 },
		"number":         func(l *audit.Link) { l.Number-- },
		"moved a letter": func(l *audit.Link) { l.Actor, l.Act = l.Actor+l.Act[:1], l.Act[1:] },
	}
	for i := range links {
		n := int64(i + 1)
		for name, change := range changes {
			list := slices.Clone(links)
			change(&list[i])
			wants(fmt.Sprintf("%s of %d changed", name, n), list, audit.CodeChanged, n)
		}
		removed := slices.Delete(slices.Clone(links), i, i+1)
		if i == len(links)-1 {
			wants("last removed", removed, audit.CodeCutOff, n)
		} else {
			wants(fmt.Sprintf("%d removed", n), removed, audit.CodeMissing, n)
			renumbered := slices.Clone(removed)
			for j := i; j < len(renumbered); j++ {
				renumbered[j].Number--
			}
			wants(fmt.Sprintf("%d removed and the rest numbered again", n), renumbered, audit.CodeChanged, n)
		}
		forged := audit.NewChain([]byte("another key"), audit.Head{Number: n - 1}).Next(audit.Entry{Act: "forged"})
		wants(fmt.Sprintf("one put in before %d", n), slices.Insert(slices.Clone(links), i, forged), audit.CodeChanged, n)
		wants(fmt.Sprintf("%d repeated", n), slices.Insert(slices.Clone(links), i, links[i]), audit.CodeChanged, n+1)
		for j := i + 1; j < len(links); j++ {
			list := slices.Clone(links)
			list[i], list[j] = list[j], list[i]
			wants(fmt.Sprintf("%d and %d swapped", i+1, j+1), list, audit.CodeMissing, n)
			list[i].Number, list[j].Number = list[j].Number, list[i].Number
			wants(fmt.Sprintf("%d and %d swapped and numbered again", i+1, j+1), list, audit.CodeChanged, n)
		}
		wants(fmt.Sprintf("cut before %d", n), links[:i], audit.CodeCutOff, n)
	}
	if _, err := audit.Verify([]byte("another key"), walk(links)); code(err) != audit.CodeChanged {
		t.Errorf("another key: %v", err)
	}
	other := slices.Clone(links[2].Hash)
	other[5] ^= 1
	if _, err := audit.Verify(key, walk(links), audit.Head{Number: 3, Hash: other}); code(err) != audit.CodeNotHead {
		t.Errorf("another head: %v", err)
	}
	dropped := errors.New("disk gone")
	_, err := audit.Verify(key, func(yield func(audit.Link, error) bool) { yield(audit.Link{}, dropped) })
	if !errors.Is(err, dropped) {
		t.Errorf("a reading error is lost: %v", err)
	}
}

// TestCanonicalTellsApart draws pairs of links: equal bytes only for equal links.
func TestCanonicalTellsApart(t *testing.T) {
	link := rapid.Custom(func(t *rapid.T) audit.Link {
		s := rapid.SampledFrom([]string{"", "a", "b", "ab", "a\x00", "\x01a"})
		return audit.Link{Number: rapid.Int64Range(1, 2).Draw(t, "n"), Entry: audit.Entry{
			At: time.UnixMicro(rapid.Int64Range(0, 1).Draw(t, "at")), Actor: s.Draw(t, "actor"), Act: s.Draw(t, "act"), Project: rapid.Int64Range(0, 1).Draw(t, "p"),
			Object: s.Draw(t, "object"), Purpose: s.Draw(t, "purpose"), Detail: rapid.MapOfN(s, s, 0, 2).Draw(t, "detail"),
		}}
	})
	rapid.Check(t, func(t *rapid.T) {
		a, b := link.Draw(t, "a"), link.Draw(t, "b")
		same := a.Number == b.Number && a.At.Equal(b.At) && a.Actor == b.Actor && a.Act == b.Act && a.Project == b.Project && a.Object == b.Object && a.Purpose == b.Purpose && fmt.Sprint(a.Detail) == fmt.Sprint(b.Detail)
		if same != slices.Equal(audit.Canonical(a), audit.Canonical(b)) {
			t.Fatalf("%v and %v", a, b)
		}
	})
}

func ExampleVerify() {
	chain := audit.NewChain(key, audit.Head{})
	log := []audit.Link{
		chain.Next(audit.Entry{Actor: "user:1", Act: "form.publish"}),
		chain.Next(audit.Entry{Actor: "device:4", Act: "record.accept"}),
	}
	log[0].Actor = "user:2"
	_, err := audit.Verify(key, walk(log), chain.Head())
	fmt.Println(err)
	// Output: audit.changed number=1
}

func BenchmarkNext(b *testing.B) {
	c := audit.NewChain(key, audit.Head{})
	e := audit.Entry{At: time.Unix(1, 0), Actor: "device:4", Act: "record.accept", Project: 1, Object: "record:uuid:0f8fad5b-d9cb-469f-a165-70867728950e", Detail: map[string]string{"version": "3"}}
	for b.Loop() {
		c.Next(e)
	}
}
