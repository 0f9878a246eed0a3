package workbook

import (
	"archive/zip"
	"errors"
	"io"
	"math"
	"strings"

	"waymark/fault"
)

// archive is the zip file of a workbook, with invariant 1 kept: the directory is bounded while it is read,
// the sizes it states are checked, and the bytes that come out are counted against them.
type archive struct {
	parts  map[string]*zip.File // by path in lower case without a leading slash
	limits Limits
}

// directoryBytes is the room a part's directory entry may take: 46 bytes, a name, an extra field.
const directoryBytes = 1 << 10

var errBudget = errors.New("more was read than allowed")

// meteredAt bounds what the zip reader may read before it gives its directory.
type meteredAt struct {
	r      io.ReaderAt
	budget int64
}

func (m *meteredAt) ReadAt(p []byte, off int64) (int, error) {
	if m.budget -= int64(len(p)); m.budget < 0 {
		return 0, errBudget
	}
	return m.r.ReadAt(p, off)
}

func openArchive(r io.ReaderAt, size int64, limits Limits) (*archive, error) {
	// The search for the directory's end reads up to 64 KiB and 1 KiB twice, each read up to 4 KiB too much.
	meter := &meteredAt{r: r, budget: int64(limits.Parts)*directoryBytes + 1<<18}
	z, err := zip.NewReader(meter, size)
	tooMany := limits.issue(CodeTooManyParts, fault.Place{}, limitArg(int64(limits.Parts)))
	switch {
	case errors.Is(err, errBudget):
		return nil, tooMany
	case err != nil:
		return nil, limits.damaged("zip")
	case len(z.File) > limits.Parts:
		return nil, tooMany
	}
	meter.budget = math.MaxInt64
	a := &archive{parts: make(map[string]*zip.File, len(z.File)), limits: limits}
	var unzipped, zipped uint64
	for _, f := range z.File {
		unzipped += min(f.UncompressedSize64, math.MaxInt64/uint64(limits.Parts+1))
		zipped += min(f.CompressedSize64, uint64(size))
		name := partName(f.Name)
		if _, twice := a.parts[name]; twice {
			return nil, limits.damaged(name)
		}
		a.parts[name] = f
	}
	if unzipped > uint64(limits.Zipped) || unzipped > ratioFrom && unzipped/uint64(limits.Ratio) > zipped {
		return nil, limits.issue(CodeUnzipsTooBig, fault.Place{}, map[string]any{"bytes": unzipped, "limit": limits.Zipped})
	}
	return a, nil
}

// partName puts a part's path in the one form that parts are found by.
func partName(path string) string {
	return strings.ToLower(strings.TrimLeft(strings.ReplaceAll(path, `\`, "/"), "/"))
}

func (a *archive) has(path string) bool { return a.parts[partName(path)] != nil }

// open gives a part's bytes, no more than the directory said there are.
func (a *archive) open(path string) (io.ReadCloser, error) {
	f := a.parts[partName(path)]
	if f == nil {
		return nil, a.limits.damaged(path)
	}
	if f.Flags&1 != 0 {
		return nil, a.limits.issue(CodeEncrypted, fault.Place{}, nil)
	}
	r, err := f.Open()
	if err != nil {
		return nil, a.limits.damaged(path)
	}
	return &counted{r, min(f.UncompressedSize64, uint64(a.limits.Zipped))}, nil
}

// counted stops a part that gives more bytes than it may.
type counted struct {
	io.ReadCloser
	left uint64
}

func (c *counted) Read(p []byte) (int, error) {
	n, err := c.ReadCloser.Read(p)
	if uint64(n) > c.left {
		return int(c.left), errBudget
	}
	c.left -= uint64(n)
	return n, err
}

// scan runs over the XML of a part and turns what goes wrong into an issue.
func (a *archive) scan(path string, visit func(*scanner) error) error {
	r, err := a.open(path)
	if err != nil {
		return err
	}
	defer r.Close()
	s, err := newScanner(r, a.limits.Cell)
	if err == nil {
		err = visit(s)
	}
	return a.failed(path, err)
}

// failed turns an error of reading a part into an issue; issues and success pass.
func (a *archive) failed(path string, err error) error {
	var issue fault.Issue
	switch {
	case err == nil, errors.Is(err, io.EOF), errors.Is(err, errStop):
		return nil
	case errors.As(err, &issue):
		return err
	case errors.Is(err, errTooLong):
		return a.limits.issue(CodeCellTooLong, fault.Place{}, limitArg(int64(a.limits.Cell)))
	case errors.Is(err, errBudget):
		return a.limits.issue(CodeUnzipsTooBig, fault.Place{}, map[string]any{"limit": a.limits.Zipped})
	}
	return a.limits.damaged(path)
}

// errStop ends a scan early without an error.
var errStop = errors.New("enough")
