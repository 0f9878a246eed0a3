package openrosa

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"waymark/collect"
	"waymark/fault"
)

// shelf keeps files as sizes.
type shelf struct {
	names []string
	bytes int64
}

func (s *shelf) keep(_ context.Context, name, kind string, r io.Reader) (collect.File, error) {
	n, err := io.Copy(io.Discard, r)
	if err != nil {
		return collect.File{}, fmt.Errorf("keep file: %w", err)
	}
	s.names = append(s.names, name)
	s.bytes += n
	return collect.File{Name: name, Type: kind, Size: n}, nil
}

func post(body io.Reader, kind string) *http.Request {
	r := httptest.NewRequest("POST", "/submission", body)
	r.Header.Set("Content-Type", kind)
	return r
}

const formData = "multipart/form-data; boundary=b"

// part writes one part by hand: what the standard library would not write is what matters.
func part(head, body string) string { return "--b\r\n" + head + "\r\n\r\n" + body + "\r\n" }

func named(name, body string) string {
	return part(`Content-Disposition: form-data; name="`+name+`"; filename="`+name+`"`+"\r\nContent-Type: image/jpeg", body)
}

const record = `<data id="a"/>`

func recorded() string { return named("xml_submission_file", record) }

func TestReceive(t *testing.T) {
	for _, c := range []struct {
		name, kind, body string
		files            []string
		incomplete       bool
		code             fault.Code
	}{
		{name: "a record", body: recorded() + "--b--\r\n"},
		{name: "files, in any order", body: named("a.jpg", "1") + recorded() + named("b.jpg", "2") + "--b--\r\n", files: []string{"a.jpg", "b.jpg"}},
		{name: "more will follow", body: recorded() + part(`Content-Disposition: form-data; name="*isIncomplete*"`, "yes") + "--b--\r\n", incomplete: true},
		{name: "nothing will follow", body: recorded() + part(`Content-Disposition: form-data; name="*isIncomplete*"`, "no") + "--b--\r\n"},
		{name: "a name in UTF-8", body: recorded() + named("المسح é.jpg", "1") + "--b--\r\n", files: []string{"المسح é.jpg"}},
		{name: "a name in Latin-1", body: recorded() + named("\xe9t\xe9.jpg", "1") + "--b--\r\n", files: []string{"été.jpg"}},
		{name: "a name with a folder", body: recorded() + named("../../etc/passwd", "1") + "--b--\r\n", files: []string{"passwd"}},
		{name: "a name with another system's folder", body: recorded() + named(`C:\\photos\\a.jpg`, "1") + "--b--\r\n", files: []string{"a.jpg"}},
		{name: "a part without a file's name", body: recorded() + part(`Content-Disposition: form-data; name="note.txt"`, "1") + "--b--\r\n", files: []string{"note.txt"}},
		{name: "two files of one name", body: recorded() + named("a.jpg", "1") + named("a.jpg", "2") + "--b--\r\n", files: []string{"a.jpg", "a.jpg"}},
		{name: "a preamble and an epilogue", body: "hello\r\n" + recorded() + "--b--\r\nbye", files: nil},

		{name: "no multipart", kind: "text/xml", body: record, code: CodeNotMultipart},
		{name: "no boundary", kind: "multipart/form-data", body: record, code: CodeNotMultipart},
		{name: "another multipart", kind: "multipart/mixed; boundary=b", body: recorded() + "--b--\r\n", code: CodeNotMultipart},
		{name: "empty", body: "", code: CodeCutOff},
		{name: "no record", body: named("a.jpg", "1") + "--b--\r\n", code: CodeNoRecord},
		{name: "two records", body: recorded() + recorded() + "--b--\r\n", code: CodeTwoRecords},
		{name: "cut within the record", body: recorded()[:len(recorded())-10], code: CodeCutOff},
		{name: "cut within a file", body: recorded() + named("a.jpg", "1234")[:70], code: CodeCutOff},
		{name: "cut between parts", body: recorded(), code: CodeCutOff},
		{name: "cut within a heading", body: recorded() + "--b\r\nContent-Dispo", code: CodeCutOff},
		{name: "a heading without end", body: recorded() + "--b\r\nX: " + strings.Repeat("x", 200<<10), code: CodePartHeader},
		{name: "headings without end", body: recorded() + "--b\r\n" + strings.Repeat("X: y\r\n", 20_000) + "\r\n\r\n--b--\r\n", code: CodePartHeader},
		{name: "a line without end", body: strings.Repeat("-", 9000), code: CodePartHeader},
		{name: "no name", body: recorded() + part("Content-Type: image/png", "1") + "--b--\r\n", code: CodeFileName},
		{name: "a name of dots", body: recorded() + named("..", "1") + "--b--\r\n", code: CodeFileName},
		{name: "a name too long", body: recorded() + named(strings.Repeat("n", 256), "1") + "--b--\r\n", code: CodeFileName},
		{name: "a name that cannot be printed", body: recorded() + named("a\x01.jpg", "1") + "--b--\r\n", code: CodePartHeader},
		{name: "a thousand parts and more", body: recorded() + strings.Repeat(named("a.jpg", "1"), 1000) + "--b--\r\n", code: CodeTooManyParts},
	} {
		t.Run(c.name, func(t *testing.T) {
			kind := c.kind
			if kind == "" {
				kind = formData
			}
			s := &shelf{}
			got, err := receive(post(strings.NewReader(c.body), kind), s.keep)
			if c.code != "" {
				if issues := fault.Of(err); len(issues) != 1 || issues[0].Code != c.code || !errors.Is(err, fault.Invalid) {
					t.Fatalf("got %v, want %s", err, c.code)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if string(got.record) != record || got.incomplete != c.incomplete || !slices.Equal(s.names, c.files) || len(got.files) != len(c.files) {
				t.Errorf("got %q, incomplete %v, files %q", got.record, got.incomplete, s.names)
			}
		})
	}
}

// A body that is too large is told as that, whatever was being read when the limit was met.
func TestReceiveTooLarge(t *testing.T) {
	for name, body := range map[string]string{
		"in a file":    recorded() + named("a.jpg", strings.Repeat("1", 9000)) + "--b--\r\n",
		"in a record":  named("xml_submission_file", strings.Repeat("1", 9000)) + "--b--\r\n",
		"between them": strings.Repeat("-\r\n", 3000),
	} {
		r := post(nil, formData)
		r.Body = http.MaxBytesReader(nil, io.NopCloser(strings.NewReader(body)), 5000)
		_, err := receive(r, (&shelf{}).keep)
		var large *http.MaxBytesError
		if !errors.As(err, &large) {
			t.Errorf("%s: got %v", name, err)
		}
	}
	long := io.MultiReader(strings.NewReader("--b\r\nContent-Disposition: form-data; name=\"xml_submission_file\"\r\n\r\n"), io.LimitReader(letters{}, recordLimit+10), strings.NewReader("\r\n--b--\r\n"))
	if _, err := receive(post(long, formData), (&shelf{}).keep); len(fault.Of(err)) != 1 || fault.Of(err)[0].Code != CodeRecordTooLong {
		t.Errorf("a record of 20 MB: %v", err)
	}
}

type letters struct{}

func (letters) Read(b []byte) (int, error) {
	for k := range b {
		b[k] = 'x'
	}
	return len(b), nil
}

// What a disk says is no fault of the phone.
func TestReceiveFullDisk(t *testing.T) {
	full := errors.New("no space left")
	_, err := receive(post(strings.NewReader(recorded()+named("a.jpg", "1")+"--b--\r\n"), formData), func(_ context.Context, _, _ string, r io.Reader) (collect.File, error) {
		_, _ = io.Copy(io.Discard, r)
		return collect.File{}, full
	})
	if !errors.Is(err, full) || len(fault.Of(err)) > 0 {
		t.Errorf("got %v", err)
	}
}

// FuzzSubmission posts bytes: no panic, no file whose name could leave its folder, and what was read is in the body.
func FuzzSubmission(f *testing.F) {
	f.Add([]byte(recorded() + named("a.jpg", "1") + "--b--\r\n"))
	f.Add([]byte(named("../a", "1") + recorded() + part(`Content-Disposition: form-data; name="*isIncomplete*"`, "yes") + "--b--\r\n"))
	f.Add([]byte("--b\r\nContent-Disposition: form-data; name*=UTF-8''%e2%82%ac\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n=3D=\r\n--b--"))
	f.Add([]byte("--b\r\n\r\n\r\n--b\r\n"))
	f.Add([]byte("--b\nContent-Disposition: form-data; name=0\nContent-Transfer-Encoding: quoted-printable\n\n="))
	f.Fuzz(func(t *testing.T, body []byte) {
		s := &shelf{}
		got, err := receive(post(bytes.NewReader(body), formData), s.keep)
		for _, name := range s.names {
			if name == "" || name == "." || name == ".." || strings.ContainsAny(name, "/\\\x00\n") || len(name) > nameLimit {
				t.Errorf("a file's name is %q", name)
			}
		}
		if s.bytes > int64(len(body)) {
			t.Errorf("%d bytes of files in a body of %d", s.bytes, len(body))
		}
		if err == nil && got.record == nil {
			t.Error("no record and no error")
		}
		if err != nil && len(fault.Of(err)) == 0 {
			t.Errorf("an error without a code: %v", err)
		}
	})
}
