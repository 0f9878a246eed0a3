package workbook

import (
	"bytes"
	"encoding/binary"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/richardlehane/mscfb"
)

// wrapMini puts a stream of less than 4,096 bytes into a compound file: sector table, directory, table of the
// mini stream, mini stream. The workbook lies beside a storage that has one of its own.
func wrapMini(stream []byte) []byte {
	for len(stream)%miniSector != 0 {
		stream = append(stream, 0)
	}
	out := wrap(nil)[:512*3]
	table, directory := out[512:1024], out[1024:1536]
	binary.LittleEndian.PutUint32(out[60:], 2) // table of the mini stream
	binary.LittleEndian.PutUint32(out[64:], 1)
	sectors := (len(stream) + 511) / 512
	binary.LittleEndian.PutUint32(table[8:], 0xFFFFFFFE)
	for i := range sectors {
		binary.LittleEndian.PutUint32(table[4*(3+i):], uint32(4+i))
	}
	binary.LittleEndian.PutUint32(table[4*(2+sectors):], 0xFFFFFFFE)
	binary.LittleEndian.PutUint32(directory[116:], 3)
	binary.LittleEndian.PutUint64(directory[120:], uint64(len(stream)))
	book := directory[128:256]
	binary.LittleEndian.PutUint32(book[116:], 0)
	binary.LittleEndian.PutUint64(book[120:], uint64(len(stream)))
	storage, inner := directory[256:384], directory[384:512]
	copy(storage, book)
	copy(storage, []byte("M\x00B\x00D\x00\x00\x00"))
	storage[64], storage[66] = 8, 1
	binary.LittleEndian.PutUint32(storage[76:], 3)
	copy(inner, book)
	binary.LittleEndian.PutUint32(inner[116:], 1)
	binary.LittleEndian.PutUint32(book[72:], 2)
	mini := make([]byte, 512)
	for i := range mini {
		mini[i] = 0xFF
	}
	n := len(stream) / miniSector
	for i := range n {
		binary.LittleEndian.PutUint32(mini[4*i:], uint32(i+1))
	}
	binary.LittleEndian.PutUint32(mini[4*(n-1):], 0xFFFFFFFE)
	out = append(out, mini...)
	out = append(out, stream...)
	for len(out)%512 != 0 {
		out = append(out, 0)
	}
	return out
}

func TestCompoundMiniStream(t *testing.T) {
	stream := bytes.Repeat([]byte("0123456789abcdef"), 100)
	data := wrapMini(stream)
	have, err := compoundStream(bytes.NewReader(data), int64(len(data)), Limits{}.withDefaults())
	if err != nil || !bytes.Equal(have, stream) {
		t.Errorf("%d bytes of %d, %v", len(have), len(stream), err)
	}
}

// What a header or a table says is not believed: whatever is changed, reading ends and holds little.
func TestCompoundLies(t *testing.T) {
	whole := xlsFile(t, nil, xlsSheet{"a", func(s *stream) { s.record(recNumber, at(0, 0, 0), 1.0) }})
	for name, lie := range map[string]func(b []byte){
		"directory sectors":  func(b []byte) { binary.LittleEndian.PutUint32(b[40:], 0xFFFFFFFF) },
		"table sectors":      func(b []byte) { binary.LittleEndian.PutUint32(b[44:], 0xFFFFFFFF) },
		"mini table sectors": func(b []byte) { binary.LittleEndian.PutUint32(b[64:], 0xFFFFFFF0) },
		"further table sectors": func(b []byte) {
			binary.LittleEndian.PutUint32(b[72:], 0xFFFFFFF0)
			binary.LittleEndian.PutUint32(b[68:], 0)
		},
		"a table named many times": func(b []byte) { clear(b[76:512]) },
		"a loop in the directory":  func(b []byte) { binary.LittleEndian.PutUint32(b[512+4:], 1) },
		"a loop in the stream":     func(b []byte) { binary.LittleEndian.PutUint32(b[512+4*4:], 3) },
		"a loop among siblings":    func(b []byte) { binary.LittleEndian.PutUint32(b[1024+128+68:], 1) },
		"a huge stream":            func(b []byte) { binary.LittleEndian.PutUint32(b[1024+128+120:], 0xFFFFFFFF) },
		"a stream past the end":    func(b []byte) { binary.LittleEndian.PutUint32(b[1024+128+116:], 0x00FFFFFF) },
	} {
		t.Run(name, func(t *testing.T) {
			data := bytes.Clone(whole)
			lie(data)
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			if book, err := Open(bytes.NewReader(data), int64(len(data)), Limits{}); err == nil {
				drain(book)
			}
			runtime.ReadMemStats(&after)
			if used := after.TotalAlloc - before.TotalAlloc; used > 4<<20 {
				t.Errorf("%d bytes were allocated for a file of %d", used, len(data))
			}
		})
	}
}

// A second opinion on every old workbook there is.
func TestReferenceCompound(t *testing.T) {
	folder := os.Getenv("WAYMARK_REFERENCE")
	if folder == "" {
		t.Skip("WAYMARK_REFERENCE is not set: streams of compound files skipped")
	}
	files, err := filepath.Glob(filepath.Join(folder, "data", "forms", "collect", "pyxform-examples", "*.xls"))
	if err != nil || len(files) < 20 {
		t.Fatal(len(files), err)
	}
	files = append(files, filepath.Join(folder, "data", "forms", "household-survey-abidjan-2022-french.xls"),
		filepath.Join(folder, "data", "forms", "ifrc-distribution-site-assessment-v1.xlsx"))
	for _, path := range files {
		data, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		have, err := compoundStream(bytes.NewReader(data), int64(len(data)), Limits{}.withDefaults())
		if err != nil {
			t.Errorf("%s: %v", filepath.Base(path), err)
			continue
		}
		other, err := mscfb.New(bytes.NewReader(data))
		if err != nil {
			t.Fatal(err)
		}
		for e, err := other.Next(); err == nil; e, err = other.Next() {
			if e.Name != "Workbook" {
				continue
			}
			want, err := io.ReadAll(e)
			if err != nil || !bytes.Equal(want, have) {
				t.Errorf("%s: %s", filepath.Base(path), cmp.Diff(len(want), len(have)))
			}
		}
	}
}
