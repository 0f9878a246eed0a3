package workbook

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"strconv"
	"unicode/utf8"
)

// scanner reads the XML of a workbook's parts: elements, attributes and text, by local name. It holds no
// more than one tag of at most longTag bytes or one run of text of at most limit bytes, which encoding/xml cannot promise, and
// refuses document types, so that no entity expands.
type scanner struct {
	r     *bufio.Reader
	limit int

	name  []byte // local name of a start or end tag; good until next
	attrs []attr
	text  []byte // of a text token

	raw     []byte // the tag or text being read
	inTag   bool   // the "<" before the next token is read
	closing bool   // the start tag just given closes itself
}

type attr struct{ name, value []byte }

type token uint8

const (
	startToken token = iota
	endToken
	textToken
)

var (
	errMarkup  = errors.New("not well-formed")
	errTooLong = errors.New("a text is too long")
)

// longTag is more than any tag of a workbook needs, ranges of validation among them.
const longTag = 1 << 20

func newScanner(r io.Reader, limit int) (*scanner, error) {
	s := &scanner{r: bufio.NewReaderSize(r, 64<<10), limit: limit}
	bom, _ := s.r.Peek(3)
	switch {
	case bytes.Equal(bom, []byte("\xef\xbb\xbf")):
		s.r.Discard(3)
	case len(bom) >= 2 && (bom[0] == 0xFE || bom[0] == 0xFF || bom[1] == 0): // UTF-16
		return nil, errMarkup
	}
	return s, nil
}

// next gives the next token, or io.EOF.
func (s *scanner) next() (token, error) {
	if s.closing {
		s.closing = false
		return endToken, nil
	}
	for {
		if !s.inTag {
			some, err := s.readText()
			if err != nil || some {
				return textToken, err
			}
		}
		s.inTag = false
		c, err := s.r.ReadByte()
		if err != nil {
			return 0, unexpected(err)
		}
		switch c {
		case '?':
			if err := s.skipTo("?>"); err != nil {
				return 0, err
			}
		case '!':
			cdata, err := s.declaration()
			if err != nil {
				return 0, err
			}
			if cdata {
				return textToken, nil
			}
		case '/':
			if err := s.readTag(); err != nil {
				return 0, err
			}
			s.name = local(bytes.TrimRight(s.raw, " \t\r\n"))
			return endToken, nil
		default:
			if err := s.r.UnreadByte(); err != nil {
				return 0, err
			}
			if err := s.readTag(); err != nil {
				return 0, err
			}
			return startToken, s.parseTag()
		}
	}
}

// readText reads up to the next "<" and says whether there was text.
func (s *scanner) readText() (bool, error) {
	s.raw = s.raw[:0]
	for {
		part, err := s.r.ReadSlice('<')
		s.raw = append(s.raw, part...)
		if len(s.raw) > s.limit+1 {
			return false, errTooLong
		}
		switch {
		case err == nil:
			s.raw = s.raw[:len(s.raw)-1]
			s.inTag = true
		case errors.Is(err, bufio.ErrBufferFull):
			continue
		case errors.Is(err, io.EOF):
			if len(bytes.TrimSpace(s.raw)) > 0 {
				return false, errMarkup
			}
			return false, io.EOF
		default:
			return false, err
		}
		if len(s.raw) == 0 {
			return false, nil
		}
		var ok bool
		if s.text, ok = unescape(s.raw); !ok {
			return false, errMarkup
		}
		return true, nil
	}
}

// readTag reads up to the ">" that ends a tag: one in a quoted attribute does not.
func (s *scanner) readTag() error {
	s.raw = s.raw[:0]
	var quote byte
	seen := 0
	for {
		part, err := s.r.ReadSlice('>')
		s.raw = append(s.raw, part...)
		if len(s.raw) > longTag {
			return errMarkup
		}
		if err != nil && !errors.Is(err, bufio.ErrBufferFull) {
			return unexpected(err)
		}
		for ; seen < len(s.raw); seen++ {
			switch c := s.raw[seen]; {
			case quote != 0:
				if c == quote {
					quote = 0
				}
			case c == '"' || c == '\'':
				quote = c
			}
		}
		if err == nil && quote == 0 {
			s.raw = s.raw[:len(s.raw)-1]
			return nil
		}
	}
}

// parseTag takes name and attributes from a start tag.
func (s *scanner) parseTag() error {
	b := s.raw
	if n := len(b); n > 0 && b[n-1] == '/' {
		s.closing = true
		b = b[:n-1]
	}
	end := bytes.IndexAny(b, " \t\r\n")
	if end < 0 {
		end = len(b)
	}
	s.name, s.attrs = local(b[:end]), s.attrs[:0]
	if len(s.name) == 0 {
		return errMarkup
	}
	b = b[end:]
	for {
		b = bytes.TrimLeft(b, " \t\r\n")
		if len(b) == 0 {
			return nil
		}
		eq := bytes.IndexByte(b, '=')
		if eq <= 0 {
			return errMarkup
		}
		name := bytes.TrimRight(b[:eq], " \t\r\n")
		b = bytes.TrimLeft(b[eq+1:], " \t\r\n")
		if len(b) == 0 || (b[0] != '"' && b[0] != '\'') {
			return errMarkup
		}
		end := bytes.IndexByte(b[1:], b[0])
		if end < 0 {
			return errMarkup
		}
		value, ok := unescape(b[1 : 1+end])
		if !ok {
			return errMarkup
		}
		s.attrs = append(s.attrs, attr{name, value})
		b = b[end+2:]
	}
}

// attr gives an attribute by local name, nil where there is none.
func (s *scanner) attr(name string) []byte {
	for _, a := range s.attrs {
		if string(local(a.name)) == name {
			return a.value
		}
	}
	return nil
}

// prefixed gives an attribute that has a namespace prefix, such as r:id beside id.
func (s *scanner) prefixed(name string) []byte {
	for _, a := range s.attrs {
		if bytes.IndexByte(a.name, ':') > 0 && string(local(a.name)) == name {
			return a.value
		}
	}
	return nil
}

// skip reads past the element whose start tag was just given.
func (s *scanner) skip() error {
	for depth := 1; depth > 0; {
		t, err := s.next()
		if err != nil {
			return unexpected(err)
		}
		switch t {
		case startToken:
			depth++
		case endToken:
			depth--
		}
	}
	return nil
}

// declaration reads what follows "<!": a comment is passed, character data is given as text.
func (s *scanner) declaration() (cdata bool, err error) {
	head, err := s.r.Peek(2)
	if err != nil {
		return false, unexpected(err)
	}
	if string(head) == "--" {
		s.r.Discard(2)
		return false, s.skipTo("-->")
	}
	const open = "[CDATA["
	if head, err = s.r.Peek(len(open)); err != nil || string(head) != open {
		return false, errMarkup
	}
	s.r.Discard(len(open))
	s.text = nil
	for {
		part, err := s.r.ReadSlice('>')
		s.text = append(s.text, part...)
		if len(s.text) > s.limit {
			return false, errTooLong
		}
		if err != nil && !errors.Is(err, bufio.ErrBufferFull) {
			return false, unexpected(err)
		}
		if bytes.HasSuffix(s.text, []byte("]]>")) {
			s.text = s.text[:len(s.text)-3]
			return true, nil
		}
	}
}

// skipTo passes everything up to and with the mark, holding none of it.
func (s *scanner) skipTo(mark string) error {
	tail := make([]byte, 0, len(mark))
	for {
		c, err := s.r.ReadByte()
		if err != nil {
			return unexpected(err)
		}
		if len(tail) == len(mark) {
			copy(tail, tail[1:])
			tail = tail[:len(mark)-1]
		}
		if tail = append(tail, c); string(tail) == mark {
			return nil
		}
	}
}

func local(name []byte) []byte {
	if i := bytes.IndexByte(name, ':'); i >= 0 {
		return name[i+1:]
	}
	return name
}

// unescape replaces the five named entities and numbered characters in place.
func unescape(b []byte) ([]byte, bool) {
	from := bytes.IndexByte(b, '&')
	if from < 0 {
		return b, true
	}
	out := b[:from]
	for i := from; i < len(b); {
		if b[i] != '&' {
			out = append(out, b[i])
			i++
			continue
		}
		end := bytes.IndexByte(b[i:], ';')
		if end < 0 {
			return nil, false
		}
		switch name := string(b[i+1 : i+end]); name {
		case "lt":
			out = append(out, '<')
		case "gt":
			out = append(out, '>')
		case "amp":
			out = append(out, '&')
		case "quot":
			out = append(out, '"')
		case "apos":
			out = append(out, '\'')
		default:
			r, ok := numbered(name)
			if !ok {
				return nil, false
			}
			out = utf8.AppendRune(out, r)
		}
		i += end + 1
	}
	return out, true
}

func numbered(name string) (rune, bool) {
	if len(name) < 2 || name[0] != '#' {
		return 0, false
	}
	digits, base := name[1:], 10
	if digits[0] == 'x' || digits[0] == 'X' {
		digits, base = digits[1:], 16
	}
	n, err := strconv.ParseUint(digits, base, 32)
	if err != nil || n == 0 || n > utf8.MaxRune {
		return 0, false
	}
	return rune(n), true
}

// unexpected tells an end inside markup from an end between elements.
func unexpected(err error) error {
	if errors.Is(err, io.EOF) {
		return errMarkup
	}
	return err
}
