package storetest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/iotest"

	"pgregory.net/rapid"

	"waymark/collect"
	"waymark/fault"
)

// Blobs asks a store of blobs for what collect.Blobs promises. open gives a new, empty one.
func Blobs(t *testing.T, open func(t testing.TB) collect.Blobs) {
	all := func(t testing.TB, b collect.Blobs) (out []string) {
		t.Helper()
		for name, err := range b.All(ctx) {
			if err != nil {
				t.Fatal(err)
			}
			out = append(out, name)
		}
		slices.Sort(out)
		return out
	}
	has := func(t testing.TB, b collect.Blobs, name, want string) {
		t.Helper()
		r, err := b.Open(ctx, name)
		if err != nil {
			t.Fatalf("open %s: %v", name, err)
		}
		got, err := io.ReadAll(r)
		if err != nil || string(got) != want {
			t.Errorf("%s: %d bytes, %v, want %d", name, len(got), err, len(want))
		}
		if err := r.Close(); err != nil {
			t.Error(err)
		}
	}
	t.Run("Keeps", func(t *testing.T) {
		b := open(t)
		large := strings.Repeat("0123456789", 50_000)
		for name, body := range map[string]string{"aaa1": "", "aaa2": "x", "bbb": large} {
			if err := b.Put(ctx, name, iotest.HalfReader(strings.NewReader(body))); err != nil {
				t.Fatal(err)
			}
			has(t, b, name, body)
		}
		if err := b.Put(ctx, "aaa2", strings.NewReader("another")); err != nil {
			t.Fatal(err)
		}
		has(t, b, "aaa2", "x") // the first is kept
		if got := all(t, b); !slices.Equal(got, []string{"aaa1", "aaa2", "bbb"}) {
			t.Errorf("names: %v", got)
		}
		if err := b.Delete(ctx, "aaa2"); err != nil {
			t.Fatal(err)
		}
		_, err := b.Open(ctx, "aaa2")
		is(t, "opening what was deleted", err, fault.NotFound)
		is(t, "deleting it again", b.Delete(ctx, "aaa2"), fault.NotFound)
		is(t, "moving it", b.Move(ctx, "aaa2", "ccc"), fault.NotFound)
	})
	t.Run("Moves", func(t *testing.T) {
		b := open(t)
		for _, name := range []string{"new-1", "new-2"} {
			if err := b.Put(ctx, name, strings.NewReader("same")); err != nil {
				t.Fatal(err)
			}
			if err := b.Move(ctx, name, "digest"); err != nil { // the second finds it there
				t.Fatal(err)
			}
		}
		if err := b.Move(ctx, "digest", "digest"); err != nil {
			t.Fatal(err)
		}
		has(t, b, "digest", "same")
		if got := all(t, b); !slices.Equal(got, []string{"digest"}) {
			t.Errorf("names: %v", got)
		}
	})
	t.Run("HalfIsNothing", func(t *testing.T) {
		b := open(t)
		dropped := errors.New("line dropped")
		err := b.Put(ctx, "half", io.MultiReader(strings.NewReader("half of it"), iotest.ErrReader(dropped)))
		is(t, "the reader's error", err, dropped)
		gone, cancel := context.WithCancel(ctx)
		err = b.Put(gone, "gone", io.MultiReader(strings.NewReader("x"), readerFunc(func(p []byte) (int, error) {
			cancel()
			return copy(p, "y"), nil
		})))
		is(t, "a caller that has gone", err, context.Canceled)
		if got := all(t, b); got != nil {
			t.Errorf("half a blob is listed: %v", got)
		}
		for _, name := range []string{"half", "gone"} {
			_, err := b.Open(ctx, name)
			is(t, name, err, fault.NotFound)
		}
	})
	t.Run("NamesLeadNowhereElse", func(t *testing.T) {
		b := open(t)
		for _, name := range []string{"", "ab", "../../etc/passwd", "..", "a/b/c", `a\b\c`, "abc.", "ab\x00c", "a b c", "ébc", "c:abc", strings.Repeat("a", 300)} {
			is(t, fmt.Sprintf("putting %q", name), b.Put(ctx, name, strings.NewReader("x")), fault.Invalid)
			_, err := b.Open(ctx, name)
			is(t, fmt.Sprintf("opening %q", name), err, fault.Invalid)
			is(t, fmt.Sprintf("deleting %q", name), b.Delete(ctx, name), fault.Invalid)
			is(t, fmt.Sprintf("moving from %q", name), b.Move(ctx, name, "good"), fault.Invalid)
			is(t, fmt.Sprintf("moving to %q", name), b.Move(ctx, "good", name), fault.Invalid)
		}
	})
	t.Run("ManyAtOnce", func(t *testing.T) {
		b := open(t)
		body := bytes.Repeat([]byte("sealed "), 10_000)
		var wait sync.WaitGroup
		for i := range 16 {
			wait.Add(1)
			go func() {
				defer wait.Done()
				name := fmt.Sprintf("new-%d", i)
				if err := errors.Join(b.Put(ctx, name, bytes.NewReader(body)), b.Move(ctx, name, "digest"), b.Put(ctx, "shared", bytes.NewReader(body))); err != nil {
					t.Error(err)
				}
			}()
		}
		wait.Wait()
		has(t, b, "digest", string(body))
		has(t, b, "shared", string(body))
		if got := all(t, b); !slices.Equal(got, []string{"digest", "shared"}) {
			t.Errorf("names: %v", got)
		}
	})
	t.Run("Model", func(t *testing.T) {
		rapid.Check(t, func(r *rapid.T) {
			b := open(t)
			m := map[string]string{}
			name := func(label string) string {
				return rapid.SampledFrom([]string{"aa1", "aa2", "bb1"}).Draw(r, label)
			}
			for range rapid.IntRange(1, 6).Draw(r, "steps") {
				switch rapid.IntRange(0, 2).Draw(r, "step") {
				case 0:
					n, body := name("put"), rapid.SampledFrom([]string{"", "x", "yy"}).Draw(r, "body")
					if err := b.Put(ctx, n, strings.NewReader(body)); err != nil {
						r.Fatal(err)
					}
					if _, there := m[n]; !there {
						m[n] = body
					}
				case 1:
					n := name("delete")
					_, there := m[n]
					if err := b.Delete(ctx, n); there != (err == nil) {
						r.Fatalf("delete %s: %v", n, err)
					}
					delete(m, n)
				case 2:
					from, to := name("from"), name("to")
					body, there := m[from]
					if err := b.Move(ctx, from, to); there != (err == nil) {
						r.Fatalf("move %s to %s: %v", from, to, err)
					}
					if there && from != to {
						if _, taken := m[to]; !taken {
							m[to] = body
						}
						delete(m, from)
					}
				}
			}
			if got := all(t, b); !slices.Equal(got, slices.Sorted(maps.Keys(m))) {
				r.Fatalf("names %v, want %v", got, m)
			}
			for n, body := range m {
				has(t, b, n, body)
			}
		})
	})
}

type readerFunc func([]byte) (int, error)

func (f readerFunc) Read(p []byte) (int, error) { return f(p) }
