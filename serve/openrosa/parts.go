package openrosa

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"path"
	"strings"
	"unicode/utf8"

	"waymark/collect"
	"waymark/fault"
)

// Limits of a post. The body as a whole is bounded by its route.
const (
	recordLimit = 20_000_000 // bytes of a record's XML
	partLimit   = 1000       // ODK Collect sends 102 at most
	headLimit   = 64 << 10   // bytes between two parts
	nameLimit   = 255        // bytes of a file's name
)

// The names of parts that are no files.
const (
	recordPart     = "xml_submission_file"
	incompletePart = "*isIncomplete*"
)

// received is what a post held.
type received struct {
	record     []byte
	files      []collect.File
	incomplete bool
}

// keep keeps a file as it comes in.
type keep func(ctx context.Context, name, mediaType string, r io.Reader) (collect.File, error)

// receive reads a post part by part (promise 3). Where it ends before its end, the files that came are kept by nobody
// and a sweep takes them away (promise 4).
func receive(r *http.Request, file keep) (received, error) {
	var got received
	kind, parameters, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if err != nil || kind != "multipart/form-data" || parameters["boundary"] == "" {
		return got, fault.Issue{Code: CodeNotMultipart}
	}
	body := &meter{r: r.Body}
	parts := multipart.NewReader(body, parameters["boundary"])
	for n := 0; ; n++ {
		body.limit(headLimit)
		part, err := parts.NextPart()
		body.limit(-1)
		if err == io.EOF {
			break
		}
		if err != nil {
			return got, unreadable(body, err)
		}
		if n == partLimit {
			return got, fault.Issue{Code: CodeTooManyParts, Args: map[string]any{"limit": partLimit}}
		}
		if err := got.take(r.Context(), part, body, file); err != nil {
			return got, err
		}
	}
	if got.record == nil {
		return got, fault.Issue{Code: CodeNoRecord}
	}
	return got, nil
}

// take takes one part.
func (got *received) take(ctx context.Context, part *multipart.Part, body *meter, file keep) error {
	switch part.FormName() {
	case recordPart:
		if got.record != nil {
			return fault.Issue{Code: CodeTwoRecords}
		}
		record, err := whole(part, body)
		got.record = record
		return err
	case incompletePart:
		value := make([]byte, 8)
		n, err := io.ReadFull(part, value)
		if err != nil && err != io.EOF && err != io.ErrUnexpectedEOF || body.err != nil {
			return unreadable(body, err)
		}
		got.incomplete = strings.EqualFold(strings.TrimSpace(string(value[:n])), "yes")
		return drain(part, body)
	}
	name, err := nameOf(part)
	if err != nil {
		return err
	}
	from := &witness{r: part}
	kept, err := file(ctx, name, part.Header.Get("Content-Type"), from)
	if from.err != nil { // whatever keeping made of it, the body broke off
		return unreadable(body, from.err)
	}
	if err != nil {
		return fmt.Errorf("keep a file of a record: %w", err)
	}
	got.files = append(got.files, kept)
	return nil
}

// whole reads the record.
func whole(part io.Reader, body *meter) ([]byte, error) {
	var b bytes.Buffer
	n, err := b.ReadFrom(io.LimitReader(part, recordLimit+1))
	if err != nil {
		return nil, unreadable(body, err)
	}
	if n > recordLimit {
		return nil, fault.Issue{Code: CodeRecordTooLong, Args: map[string]any{"megabytes": recordLimit / 1_000_000}}
	}
	return b.Bytes(), nil
}

func drain(part io.Reader, body *meter) error {
	n, err := io.Copy(io.Discard, io.LimitReader(part, headLimit+1))
	if err != nil {
		return unreadable(body, err)
	}
	if n > headLimit {
		return fault.Issue{Code: CodePartHeader}
	}
	return nil
}

// nameOf is a file's name: that of its part, since ODK Collect gives both the same and FileName drops what looks like
// a folder. Phones write names as raw UTF-8; older ones in Latin-1.
func nameOf(part *multipart.Part) (string, error) {
	name := part.FormName()
	if name == "" {
		name = part.FileName()
	}
	if !utf8.ValidString(name) {
		letters := make([]rune, 0, len(name))
		for k := range len(name) {
			letters = append(letters, rune(name[k]))
		}
		name = string(letters)
	}
	name = path.Base(strings.ReplaceAll(name, `\`, "/"))
	if name == "." || name == ".." || name == "/" || len(name) > nameLimit || strings.ContainsFunc(name, func(r rune) bool { return r < ' ' || r == 0x7f }) {
		return "", fault.Issue{Code: CodeFileName}
	}
	return name, nil
}

// unreadable says why a body could not be read on: too large, cut off, or no multipart after all.
func unreadable(body *meter, err error) error {
	var large *http.MaxBytesError
	switch {
	case errors.As(body.err, &large):
		return large
	case body.err != nil, body.ended, errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return fault.Issue{Code: CodeCutOff}
	}
	return fault.Issue{Code: CodePartHeader}
}

// errHeader is more than may stand between two parts.
var errHeader = errors.New("part header too long")

// meter bounds what is read between two parts, and remembers why a body ended before its time.
type meter struct {
	r     io.Reader
	left  int // -1: no bound
	err   error
	ended bool
}

func (m *meter) limit(n int) { m.left = n }

func (m *meter) Read(b []byte) (int, error) {
	if m.left == 0 {
		return 0, errHeader
	}
	if m.left > 0 && len(b) > m.left {
		b = b[:m.left]
	}
	n, err := m.r.Read(b)
	if m.left > 0 {
		m.left -= n
	}
	switch {
	case err == io.EOF:
		m.ended = true
	case err != nil:
		m.err = err
	}
	return n, err
}

// witness remembers why a part could not be read, which is no fault of who kept it.
type witness struct {
	r   io.Reader
	err error
}

func (w *witness) Read(b []byte) (int, error) {
	n, err := w.r.Read(b)
	if err != nil && err != io.EOF {
		w.err = err
	}
	return n, err
}
