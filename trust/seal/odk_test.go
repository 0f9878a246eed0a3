package seal_test

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"crypto/md5"
	"io"
	"testing"
	"testing/iotest"

	"github.com/google/go-cmp/cmp"

	"waymark/fault"
	"waymark/trust/seal"
)

func odkPair(t *testing.T) (public string, key *seal.ODKKey) {
	t.Helper()
	lock, err := seal.PassphraseLockWork("an officer's passphrase", 10)
	if err != nil {
		t.Fatal(err)
	}
	public, private, err := seal.NewODKKey(lock)
	if err != nil {
		t.Fatal(err)
	}
	by, err := seal.PassphraseOpener("an officer's passphrase")
	if err != nil {
		t.Fatal(err)
	}
	if key, err = seal.OpenODKKey(private, by); err != nil {
		t.Fatal(err)
	}
	wrong, _ := seal.PassphraseOpener("another passphrase")
	if _, err := seal.OpenODKKey(private, wrong); code(err) != seal.CodeNotOpened {
		t.Errorf("another passphrase: %v", err)
	}
	return public, key
}

func TestODKRecords(t *testing.T) {
	public, key := odkPair(t)
	files := []seal.ODKFile{{Name: "photo.jpg", Bytes: bytes.Repeat([]byte{7}, 4096)}, {Name: "empty.txt", Bytes: []byte{}}, {Name: "long.bin", Bytes: bytes.Repeat([]byte("abc"), 5000)}}
	for i := range 20 { // more files than the vector has bytes
		files = append(files, seal.ODKFile{Name: "f", Bytes: bytes.Repeat([]byte{byte(i)}, i)})
	}
	files = append(files, seal.ODKFile{Name: "submission.xml", Bytes: []byte("<data id='x'/>")})
	for _, version := range []string{"", "2026-1"} {
		m, sealed, err := seal.EncryptSubmission(public, "x", version, "uuid:1", files)
		if err != nil {
			t.Fatal(err)
		}
		got, err := seal.DecryptSubmission(key, m, sealed)
		if err != nil {
			t.Fatal(err)
		}
		if d := cmp.Diff(files, got); d != "" {
			t.Errorf("version %q: %s", version, d)
		}
	}
}

func TestODKRefuses(t *testing.T) {
	public, key := odkPair(t)
	_, other := odkPair(t)
	files := []seal.ODKFile{{Name: "a.jpg", Bytes: []byte("picture")}, {Name: "submission.xml", Bytes: []byte("<data/>")}}
	m, sealed, err := seal.EncryptSubmission(public, "x", "1", "uuid:1", files)
	if err != nil {
		t.Fatal(err)
	}
	with := func(change func(*seal.ODKManifest)) seal.ODKManifest {
		c := m
		change(&c)
		return c
	}
	cut := []seal.ODKFile{sealed[0], {Name: "submission.xml", Bytes: sealed[1].Bytes[:len(sealed[1].Bytes)-1]}}
	for _, c := range []struct {
		name  string
		key   *seal.ODKKey
		m     seal.ODKManifest
		files []seal.ODKFile
		want  []fault.Code
	}{
		{"another pair", other, m, sealed, []fault.Code{seal.CodeODKKey}},
		{"no key", key, with(func(m *seal.ODKManifest) { m.Key = "%%" }), sealed, []fault.Code{seal.CodeODKKey}},
		{"another form", key, with(func(m *seal.ODKManifest) { m.FormID = "y" }), sealed, []fault.Code{seal.CodeODKSignature}},
		{"another version", key, with(func(m *seal.ODKManifest) { m.Version = "" }), sealed, []fault.Code{seal.CodeODKSignature}},
		{"a file's name changed", key, m, []seal.ODKFile{{Name: "b.jpg", Bytes: sealed[0].Bytes}, sealed[1]}, []fault.Code{seal.CodeODKSignature}},
		{"a file left out", key, m, sealed[1:], []fault.Code{seal.CodeODKDamaged, seal.CodeODKSignature}},
		{"another instance id", key, with(func(m *seal.ODKManifest) { m.Instance = "uuid:2" }), sealed, []fault.Code{seal.CodeODKDamaged, seal.CodeODKSignature}},
		{"cut off", key, m, cut, []fault.Code{seal.CodeODKDamaged}},
		{"an empty file", key, m, []seal.ODKFile{{Name: "a.jpg"}, sealed[1]}, []fault.Code{seal.CodeODKDamaged}},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := seal.DecryptSubmission(c.key, c.m, c.files)
			for _, w := range c.want {
				if code(err) == w {
					return
				}
			}
			t.Errorf("got %v, want one of %v", err, c.want)
		})
	}
}

// TestODKCipher compares with the standard library's CFB over the vector that the ODK specification describes.
func TestODKCipher(t *testing.T) {
	public, key := odkPair(t)
	plain := bytes.Repeat([]byte("0123456789abcdef"), 700)[:11111]
	m, sealed, err := seal.EncryptSubmission(public, "x", "", "uuid:1", []seal.ODKFile{{Name: "one", Bytes: []byte("1")}, {Name: "two", Bytes: plain}})
	if err != nil {
		t.Fatal(err)
	}
	session := seal.RecordKey(key, m)
	iv := md5.Sum(append([]byte("uuid:1"), session...))
	iv[0]++ // before the first
	iv[1]++ // before the second
	block, err := aes.NewCipher(session)
	if err != nil {
		t.Fatal(err)
	}
	got := make([]byte, len(sealed[1].Bytes))
	cipher.NewCFBDecrypter(block, iv[:]).XORKeyStream(got, sealed[1].Bytes) //lint:ignore SA1019 the format of ODK's encrypted forms
	pad := int(got[len(got)-1])
	if !bytes.Equal(got[:len(got)-pad], plain) {
		t.Error("not the cipher of the specification")
	}
	record, err := key.Files(m)
	if err != nil {
		t.Fatal(err)
	}
	record.Open(nil) // the first, not read
	streamed, err := io.ReadAll(record.Open(iotest.HalfReader(bytes.NewReader(sealed[1].Bytes))))
	if err != nil || !bytes.Equal(streamed, plain) {
		t.Errorf("read as a stream: %d bytes, %v", len(streamed), err)
	}
}
