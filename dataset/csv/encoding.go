package csv

import (
	"bufio"
	"bytes"
	"io"
	"unicode/utf8"

	"golang.org/x/text/encoding/unicode"

	"waymark/fault"
)

// Encoding is how characters are written as bytes.
type Encoding string

// The encodings that are read.
const (
	UTF8        Encoding = "utf-8"
	UTF8Mark    Encoding = "utf-8-bom" // with a byte-order mark
	UTF16LE     Encoding = "utf-16le"
	UTF16BE     Encoding = "utf-16be"
	Windows1252 Encoding = "windows-1252" // also what a file of Latin-1 (ISO 8859-1) is read as
)

// decode gives the stream as UTF-8 or, for files of one byte a character, as it is (decodeRow does the rest).
func decode(r io.Reader, options Options) (io.Reader, Encoding, error) {
	b := bufio.NewReaderSize(r, 4096)
	head, _ := b.Peek(1024)
	found := sniff(head)
	use := options.Encoding
	switch use {
	case "", UTF8, UTF8Mark:
		if use == "" || found == UTF8Mark {
			use = found
		}
	case UTF16LE, UTF16BE, Windows1252:
	default:
		return nil, "", fault.Issue{Code: CodeEncodingName, Place: fault.Place{Document: options.Document},
			Args: map[string]any{"encoding": string(use)}}
	}
	switch use {
	case UTF8Mark:
		_, _ = b.Discard(3)
	case UTF16LE:
		return unicode.UTF16(unicode.LittleEndian, unicode.UseBOM).NewDecoder().Reader(b), use, nil
	case UTF16BE:
		return unicode.UTF16(unicode.BigEndian, unicode.UseBOM).NewDecoder().Reader(b), use, nil
	}
	return b, use, nil
}

// sniff finds an encoding from the first bytes: by byte-order mark, or UTF-16 where every other byte of many
// is zero. What is left is UTF-8 until a byte says otherwise.
func sniff(head []byte) Encoding {
	switch {
	case bytes.HasPrefix(head, []byte{0xEF, 0xBB, 0xBF}):
		return UTF8Mark
	case bytes.HasPrefix(head, []byte{0xFF, 0xFE}):
		return UTF16LE
	case bytes.HasPrefix(head, []byte{0xFE, 0xFF}):
		return UTF16BE
	}
	var zero [2]int
	for i, c := range head {
		if c == 0 {
			zero[i&1]++
		}
	}
	half := len(head) / 2
	switch {
	case half >= 4 && zero[1] > half*4/5 && zero[0] < half/10:
		return UTF16LE
	case half >= 4 && zero[0] > half*4/5 && zero[1] < half/10:
		return UTF16BE
	}
	return UTF8
}

// upper holds the characters of bytes 0x80 to 0x9F in Windows-1252; the five that it leaves open are read as
// the control characters of the same number, as the WHATWG Encoding Standard has it.
var upper = [32]rune{
	0x20AC, 0x81, 0x201A, 0x0192, 0x201E, 0x2026, 0x2020, 0x2021, 0x02C6, 0x2030, 0x0160, 0x2039, 0x0152, 0x8D, 0x017D, 0x8F,
	0x90, 0x2018, 0x2019, 0x201C, 0x201D, 0x2022, 0x2013, 0x2014, 0x02DC, 0x2122, 0x0161, 0x203A, 0x0153, 0x9D, 0x017E, 0x0178,
}

func appendWindows1252(to, from []byte) []byte {
	for _, c := range from {
		r := rune(c)
		if c >= 0x80 && c < 0xA0 {
			r = upper[c-0x80]
		}
		to = utf8.AppendRune(to, r)
	}
	return to
}
