package seal_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"regexp"
	"strings"
	"testing"
	"testing/iotest"

	"pgregory.net/rapid"

	"waymark/fault"
	"waymark/trust/seal"
)

func code(err error) fault.Code {
	var i fault.Issue
	if errors.As(err, &i) {
		return i.Code
	}
	return ""
}

func TestEnvelopeOpensOnlyWhereItBelongs(t *testing.T) {
	keys, other := seal.NewMaster().Keys(), seal.NewMaster().Keys()
	sealed := keys.Seal("record", []byte("uuid:1"), []byte("an answer"))
	if got, err := keys.Open("record", []byte("uuid:1"), sealed); err != nil || string(got) != "an answer" {
		t.Fatalf("open: %q, %v", got, err)
	}
	if len(sealed) != len("an answer")+seal.Overhead {
		t.Errorf("an envelope is %d longer than what it holds, want %d", len(sealed)-len("an answer"), seal.Overhead)
	}
	for _, c := range []struct {
		name    string
		keys    *seal.Keyring
		purpose string
		bound   string
		sealed  []byte
		want    fault.Code
	}{
		{"another master", other, "record", "uuid:1", sealed, seal.CodeOtherKey},
		{"another purpose", keys, "comment", "uuid:1", sealed, seal.CodeDamaged},
		{"bound to something else", keys, "record", "uuid:2", sealed, seal.CodeDamaged},
		{"bound to nothing", keys, "record", "", sealed, seal.CodeDamaged},
		{"cut off", keys, "record", "uuid:1", sealed[:len(sealed)-1], seal.CodeDamaged},
		{"nothing", keys, "record", "uuid:1", nil, seal.CodeDamaged},
		{"a later version", keys, "record", "uuid:1", append([]byte{9}, sealed[1:]...), seal.CodeUnknown},
	} {
		t.Run(c.name, func(t *testing.T) {
			if _, err := c.keys.Open(c.purpose, []byte(c.bound), c.sealed); code(err) != c.want {
				t.Errorf("got %v, want %s", err, c.want)
			}
		})
	}
	for i := range sealed {
		changed := bytes.Clone(sealed)
		changed[i] ^= 1
		if _, err := keys.Open("record", []byte("uuid:1"), changed); err == nil {
			t.Errorf("opens with byte %d changed", i)
		}
	}
}

func TestEnvelopesOfOneTextDiffer(t *testing.T) {
	keys := seal.NewMaster().Keys()
	if bytes.Equal(keys.Seal("a", nil, []byte("yes")), keys.Seal("a", nil, []byte("yes"))) {
		t.Error("two envelopes of one text are equal: a reader of the disk would see which answers are")
	}
}

func TestKeysOfOneMasterAreSeparate(t *testing.T) {
	keys := seal.NewMaster().Keys()
	seen := map[string]string{}
	for name, b := range map[string][]byte{
		"subkey a": keys.Subkey("a"), "subkey b": keys.Subkey("b"), "mac a of nothing": keys.Mac("a", nil), "mac b of nothing": keys.Mac("b", nil),
	} {
		if len(b) != 32 {
			t.Errorf("%s has %d bytes", name, len(b))
		}
		if was, there := seen[string(b)]; there {
			t.Errorf("%s equals %s", name, was)
		}
		seen[string(b)] = name
	}
	if !bytes.Equal(keys.Mac("a", []byte("x")), keys.Mac("a", []byte("x"))) {
		t.Error("a MAC changes from call to call")
	}
}

func TestStreamRoundTrip(t *testing.T) {
	keys := seal.NewMaster().Keys()
	const chunk = 64 << 10
	for _, n := range []int{0, 1, chunk - 1, chunk, chunk + 1, 3 * chunk, 3*chunk + 17} {
		plain := bytes.Repeat([]byte("0123456789"), n/10+1)[:n]
		sealed, err := io.ReadAll(keys.SealStream("blob", iotest.HalfReader(bytes.NewReader(plain))))
		if err != nil {
			t.Fatal(err)
		}
		got, err := io.ReadAll(keys.OpenStream("blob", iotest.OneByteReader(bytes.NewReader(sealed))))
		if err != nil || !bytes.Equal(got, plain) {
			t.Errorf("%d bytes: %d came back, %v", n, len(got), err)
		}
	}
}

// TestStreamFindsEveryChange cuts, changes, swaps and adds: what is read before the error is always a true beginning.
func TestStreamFindsEveryChange(t *testing.T) {
	keys := seal.NewMaster().Keys()
	const chunk, head, tag = 64 << 10, 21, 16
	plain := bytes.Repeat([]byte("abcdefgh"), 2*chunk/8+100)
	sealed, err := io.ReadAll(keys.SealStream("blob", bytes.NewReader(plain)))
	if err != nil {
		t.Fatal(err)
	}
	full := chunk + tag
	cases := map[string][]byte{
		"nothing":               {},
		"only the head":         sealed[:head],
		"cut within the head":   sealed[:head-1],
		"cut at a chunk":        sealed[:head+full],
		"cut at two chunks":     sealed[:head+2*full],
		"one byte short":        sealed[:len(sealed)-1],
		"one byte more":         append(bytes.Clone(sealed), 0),
		"two streams":           append(bytes.Clone(sealed), sealed...),
		"chunks swapped":        slicesConcat(sealed[:head], sealed[head+full:head+2*full], sealed[head:head+full], sealed[head+2*full:]),
		"first chunk left out":  slicesConcat(sealed[:head], sealed[head+full:]),
		"last chunk repeated":   slicesConcat(sealed, sealed[head+2*full:]),
		"middle chunk repeated": slicesConcat(sealed[:head+2*full], sealed[head+full:]),
	}
	for i := 0; i < len(sealed); i += 997 {
		b := bytes.Clone(sealed)
		b[i] ^= 0x80
		cases[fmt.Sprintf("byte %d changed", i)] = b
	}
	for name, b := range cases {
		got, err := io.ReadAll(keys.OpenStream("blob", bytes.NewReader(b)))
		if err == nil {
			t.Errorf("%s: reads to the end", name)
		}
		if !bytes.HasPrefix(plain, got) {
			t.Errorf("%s: gave bytes that were never sealed", name)
		}
	}
	if _, err := io.ReadAll(keys.OpenStream("other", bytes.NewReader(sealed))); code(err) != seal.CodeDamaged {
		t.Errorf("another purpose: %v", err)
	}
	broken := errors.New("line dropped")
	if _, err := io.ReadAll(keys.SealStream("blob", iotest.ErrReader(broken))); !errors.Is(err, broken) {
		t.Errorf("a source's error is lost: %v", err)
	}
	if _, err := io.ReadAll(keys.OpenStream("blob", io.MultiReader(bytes.NewReader(sealed[:head+100]), iotest.ErrReader(broken)))); !errors.Is(err, broken) {
		t.Errorf("a source's error is taken for damage: %v", err)
	}
}

func slicesConcat(parts ...[]byte) []byte { return bytes.Join(parts, nil) }

func TestMasterIsKeptLocked(t *testing.T) {
	master := seal.NewMaster()
	mark := master.Keys().Mac("mark", nil)
	pass, err := seal.PassphraseLockWork("six words taken at random", 10)
	if err != nil {
		t.Fatal(err)
	}
	file, recipient, err := seal.NewKeyFile()
	if err != nil {
		t.Fatal(err)
	}
	toFile, err := seal.RecipientLock(recipient)
	if err != nil {
		t.Fatal(err)
	}
	byPass, err := seal.PassphraseOpener("six words taken at random")
	if err != nil {
		t.Fatal(err)
	}
	byWrong, err := seal.PassphraseOpener("other words taken at random")
	if err != nil {
		t.Fatal(err)
	}
	byFile, err := seal.KeyFileOpener(file)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name  string
		lock  seal.Lock
		by    seal.Opener
		want  fault.Code
		words bool
	}{
		{"passphrase", pass, byPass, "", true},
		{"key file", toFile, byFile, "", false},
		{"wrong passphrase", pass, byWrong, seal.CodeNotOpened, true},
		{"key file for a passphrase", pass, byFile, seal.CodeNotOpened, true},
		{"passphrase for a key file", toFile, byPass, seal.CodeNotOpened, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			kept, err := seal.LockMaster(master, c.lock)
			if err != nil {
				t.Fatal(err)
			}
			if seal.ByPassphrase(kept) != c.words {
				t.Errorf("ByPassphrase gives %v", !c.words)
			}
			got, err := seal.OpenMaster(kept, c.by)
			if code(err) != c.want {
				t.Fatalf("got %v, want %q", err, c.want)
			}
			if err == nil && !bytes.Equal(got.Keys().Mac("mark", nil), mark) {
				t.Error("another master came back")
			}
			if _, err := seal.OpenMaster(kept[:len(kept)-1], c.by); err == nil {
				t.Error("opens with the end cut off")
			}
		})
	}
	if _, err := seal.PassphraseLock("short"); code(err) != seal.CodeShort {
		t.Errorf("a short passphrase: %v", err)
	}
	if _, err := seal.RecipientLock("age1nonsense"); code(err) != seal.CodeNoKey {
		t.Errorf("no recipient: %v", err)
	}
	if _, err := seal.KeyFileOpener([]byte("AGE-SECRET-KEY-1NONSENSE")); code(err) != seal.CodeNoKey || strings.Contains(err.Error(), "NONSENSE") {
		t.Errorf("no key file: %v", err)
	}
}

func TestSecretsPrintAsSealed(t *testing.T) {
	master := seal.NewMaster()
	lock, _ := seal.PassphraseLockWork("CANARY passphrase", 10)
	opener, _ := seal.PassphraseOpener("CANARY passphrase")
	_, private, err := seal.NewODKKey(lock)
	if err != nil {
		t.Fatal(err)
	}
	odk, err := seal.OpenODKKey(private, opener)
	if err != nil {
		t.Fatal(err)
	}
	for name, v := range map[string]any{"master": master, "keyring": master.Keys(), "lock": lock, "opener": opener, "odk": odk} {
		for _, verb := range []string{"%v", "%+v", "%#v", "%s"} {
			if got := fmt.Sprintf(verb, v); got != "sealed" {
				t.Errorf("%s by %s prints %q", name, verb, got)
			}
		}
		js, err := json.Marshal(v)
		if err != nil || strings.ContainsAny(string(js), "0123456789") {
			t.Errorf("%s as JSON: %s, %v", name, js, err)
		}
		var log bytes.Buffer
		slog.New(slog.NewJSONHandler(&log, nil)).Info("x", "v", v)
		slog.New(slog.NewTextHandler(&log, nil)).Info("x", "v", v)
		if strings.Contains(log.String(), "CANARY") || regexp.MustCompile(`\[\d+ \d+`).MatchString(log.String()) {
			t.Errorf("%s in a log: %s", name, log.String())
		}
	}
}

func TestPasswords(t *testing.T) {
	keys := seal.NewMaster().Keys()
	hash := keys.HashPassword("correct horse")
	if !strings.HasPrefix(hash, "$argon2id$v=19$m=19456,t=2,p=1$") {
		t.Errorf("not the PHC form: %s", hash)
	}
	if !keys.CheckPassword(hash, "correct horse") {
		t.Error("the password is refused")
	}
	if keys.HashPassword("correct horse") == hash {
		t.Error("two hashes of one password are equal")
	}
	for name, h := range map[string]string{
		"wrong password": keys.HashPassword("correct house"), "empty": "", "cut off": hash[:len(hash)-4], "another kind": strings.Replace(hash, "argon2id", "argon2i", 1),
		"all memory": strings.Replace(hash, "m=19456", "m=4194304", 1), "no lanes": strings.Replace(hash, "p=1", "p=0", 1), "no sum": "$argon2id$v=19$m=8,t=1,p=1$c2FsdHNhbHQ$",
	} {
		if keys.CheckPassword(h, "correct horse") {
			t.Errorf("%s: accepted", name)
		}
	}
}

func TestTokensAndIDs(t *testing.T) {
	keys := seal.NewMaster().Keys()
	shape := regexp.MustCompile(`^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$`)
	seen := map[string]bool{}
	for range 200 {
		u, k := keys.UUID(), keys.Token(24)
		if !shape.MatchString(u) {
			t.Fatalf("no UUID of version 4: %s", u)
		}
		if len(k) != 32 || strings.ContainsAny(k, "+/=") {
			t.Fatalf("no token in base64url: %s", k)
		}
		if seen[u] || seen[k] {
			t.Fatal("an id came twice")
		}
		seen[u], seen[k] = true, true
	}
}

func TestEnvelopeProperty(t *testing.T) {
	keys := seal.NewMaster().Keys()
	rapid.Check(t, func(t *rapid.T) {
		plain, bound := rapid.SliceOf(rapid.Byte()).Draw(t, "plain"), rapid.SliceOf(rapid.Byte()).Draw(t, "bound")
		other := rapid.SliceOf(rapid.Byte()).Draw(t, "other")
		sealed := keys.Seal("p", bound, plain)
		got, err := keys.Open("p", bound, sealed)
		if err != nil || !bytes.Equal(got, plain) {
			t.Fatalf("does not come back: %v", err)
		}
		if _, err := keys.Open("p", other, sealed); (err == nil) != bytes.Equal(bound, other) {
			t.Fatalf("bound to %x opens with %x: %v", bound, other, err)
		}
	})
}

func FuzzOpen(f *testing.F) {
	keys := seal.NewMaster().Keys()
	f.Add(keys.Seal("p", nil, []byte("x")))
	stream, _ := io.ReadAll(keys.SealStream("p", strings.NewReader("x")))
	f.Add(stream)
	f.Fuzz(func(t *testing.T, b []byte) {
		_, _ = keys.Open("p", nil, b)
		_, _ = io.ReadAll(keys.OpenStream("p", bytes.NewReader(b)))
		_ = seal.ByPassphrase(b)
	})
}

func BenchmarkSealBody(b *testing.B) {
	keys := seal.NewMaster().Keys()
	body := make([]byte, 16<<10)
	b.SetBytes(int64(len(body)))
	for b.Loop() {
		keys.Seal("record", []byte("uuid:1"), body)
	}
}

func BenchmarkPassword(b *testing.B) {
	keys := seal.NewMaster().Keys()
	for b.Loop() {
		keys.HashPassword("correct horse")
	}
}
