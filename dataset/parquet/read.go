package parquet

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/parquet-go/parquet-go"
	"github.com/parquet-go/parquet-go/encoding"
	"github.com/parquet-go/parquet-go/format"

	"waymark/dataset"
	"waymark/fault"
)

// The issues raised here; texts stand in lang/messages/parquet.*.toml.
const (
	CodeNotParquet   fault.Code = "parquet.not-parquet"   // document
	CodeBroken       fault.Code = "parquet.broken"        // document
	CodeNested       fault.Code = "parquet.nested"        // column
	CodeLargeInteger fault.Code = "parquet.large-integer" // column, count
	CodeTimeDropped  fault.Code = "parquet.time-dropped"  // column, count
	CodeNoColumns    fault.Code = "parquet.no-columns"    // document
)

// Options is what Read can be told.
type Options struct {
	dataset.ReadOptions
	// Unhashed leaves out the hash of the file, which reads it once more from end to end.
	Unhashed bool
}

// Read reads the columns of a table; those not named in options.Columns are not touched. An error means that
// there is no table at all; rows that cannot be loaded are listed in the accounts.
func Read(r io.ReaderAt, size int64, options Options) (loaded *dataset.Loaded, err error) {
	// The library checks much of a file but not all: what a broken one makes it do is an issue of the file.
	defer func() {
		if recover() != nil {
			loaded, err = nil, broken(options.Document, CodeBroken)
		}
	}()
	f, err := open(r, size)
	if err != nil {
		return nil, broken(options.Document, CodeNotParquet)
	}
	s := &reading{file: f, options: options, accounts: &dataset.Accounts{Document: options.Document, Format: "parquet", Bytes: size}}
	if loaded, err = s.table(); err != nil {
		return nil, err
	}
	if options.Unhashed {
		return loaded, nil
	}
	h := sha256.New()
	if _, err := io.Copy(h, io.NewSectionReader(r, 0, size)); err != nil {
		return nil, fmt.Errorf("read %s: %w", options.Document, err)
	}
	loaded.Accounts.SHA256 = hex.EncodeToString(h.Sum(nil))
	return loaded, nil
}

func broken(document string, code fault.Code) error {
	return fault.Issue{Code: code, Place: fault.Place{Document: document}, Args: map[string]any{"document": document}}
}

// reading is one Read under way.
type reading struct {
	file     *parquet.File
	options  Options
	accounts *dataset.Accounts
	known    map[string]dataset.Field
	rejected map[int]reject // by row of the file, 0-based
}

type reject struct {
	code   fault.Code
	column int
	field  string
}

// leaves gives the flat columns of the file by name, and their names in order. Companion columns are in the
// first only.
func (s *reading) leaves() (columns map[string]*parquet.Column, names []string, err error) {
	columns = map[string]*parquet.Column{}
	var all []string
	for _, c := range s.file.Root().Columns() {
		if !c.Leaf() || c.Repeated() {
			s.note(CodeNested, c.Name(), nil)
			continue
		}
		columns[c.Name()] = c
		all = append(all, c.Name())
	}
	for _, name := range all {
		if base, ok := strings.CutSuffix(name, dataset.CompanionSuffix); !ok || columns[base] == nil {
			names = append(names, name)
		}
	}
	if len(names) == 0 {
		return nil, nil, broken(s.options.Document, CodeNoColumns)
	}
	return columns, names, nil
}

// describe gives the names of a file's columns and, where its metadata describes every one, their fields.
func describe(r io.ReaderAt, size int64, document string) (names []string, fields []dataset.Field, err error) {
	defer func() {
		if recover() != nil {
			names, fields, err = nil, nil, broken(document, CodeBroken)
		}
	}()
	f, err := open(r, size)
	if err != nil {
		return nil, nil, broken(document, CodeNotParquet)
	}
	s := &reading{file: f, accounts: &dataset.Accounts{}, options: Options{ReadOptions: dataset.ReadOptions{Document: document}}}
	if _, names, err = s.leaves(); err != nil {
		return nil, nil, err
	}
	text, _ := f.Lookup(metadataKey)
	_, known := decodeMetadata(text)
	for _, n := range names {
		field, ok := known[n]
		if !ok {
			return names, nil, nil
		}
		fields = append(fields, field)
	}
	return names, fields, nil
}

func open(r io.ReaderAt, size int64) (*parquet.File, error) {
	return parquet.OpenFile(r, size, parquet.SkipPageIndex(true), parquet.SkipBloomFilters(true), parquet.ReadBufferSize(1<<18))
}

func (s *reading) table() (*dataset.Loaded, error) {
	t := &dataset.Table{Name: s.options.Document}
	if text, ok := s.file.Lookup(metadataKey); ok {
		_, s.known = decodeMetadata(text)
	}
	s.rejected = map[int]reject{}
	leaves, names, err := s.leaves()
	if err != nil {
		return nil, err
	}
	for _, name := range names {
		if s.options.Columns != nil && !slices.Contains(s.options.Columns, name) {
			continue
		}
		position := leaves[name].Index() + 1
		c, err := s.column(position, leaves[name])
		if err != nil {
			return nil, err
		}
		if companion := leaves[name+dataset.CompanionSuffix]; companion != nil {
			if c, err = s.join(position, c, companion); err != nil {
				return nil, err
			}
		}
		if err := t.Add(c); err != nil {
			return nil, broken(s.options.Document, CodeBroken) // columns of unequal length
		}
	}
	for _, n := range s.options.Columns {
		if leaves[n] == nil {
			s.note(dataset.CodeDeclaredAbsent, n, nil)
		}
	}
	return &dataset.Loaded{Table: s.account(t), Accounts: s.accounts}, nil
}

// account takes the rows that are listed out of the table.
func (s *reading) account(t *dataset.Table) *dataset.Table {
	a := s.accounts
	rows := t.Rows()
	if len(s.rejected) == 0 {
		a.LoadAll(rows)
		return t
	}
	keep := make([]bool, rows)
	for i := range keep {
		r, out := s.rejected[i]
		keep[i] = !out
		if out {
			a.List(r.code, i+1, r.column, r.field, 0, 0)
		} else {
			a.Load(i + 1)
		}
	}
	return t.Keep(keep)
}

func (s *reading) note(code fault.Code, column string, args map[string]any) {
	if args == nil {
		args = map[string]any{}
	}
	args["column"] = column
	s.accounts.Notes = append(s.accounts.Notes, fault.Issue{Code: code, Severity: fault.Soft, Args: args,
		Place: fault.Place{Document: s.options.Document, Field: column}})
}

func (s *reading) reject(row int, code fault.Code, column int, field string) {
	if _, ok := s.rejected[row]; !ok {
		s.rejected[row] = reject{code: code, column: column, field: field}
	}
}

// column reads one column through every row group.
func (s *reading) column(position int, leaf *parquet.Column) (*dataset.Column, error) {
	g := s.gatherer(position, leaf)
	if err := s.pages(leaf, g); err != nil {
		return nil, err
	}
	c := g.column(s)
	field, known := s.known[leaf.Name()]
	return c.WithField(func(f *dataset.Field) {
		if known {
			if len(f.Labels) == 0 {
				f.Labels = field.Labels
			}
			f.HXL = field.HXL
			if _, told := s.options.Classes[f.Name]; !told {
				f.Class = field.Class
			}
		}
		if l, told := s.options.Labels[f.Name]; told {
			f.Labels = l
		}
		if class, told := s.options.Classes[f.Name]; told {
			f.Class = class
		}
	}), nil
}

func (s *reading) join(position int, c *dataset.Column, companion *parquet.Column) (*dataset.Column, error) {
	g := newTexts(s, position, companion.Name(), dataset.ReadOptions{})
	if err := s.pages(companion, g); err != nil {
		return nil, err
	}
	why := g.column(s)
	if why.Rows() != c.Rows() {
		return nil, broken(s.options.Document, CodeBroken)
	}
	joined, conflicts := dataset.JoinCompanion(c, why)
	for _, row := range conflicts {
		s.reject(row, dataset.CodeCompanionValue, position, c.Name)
	}
	return joined, nil
}

// gatherer is what takes the values of one column's pages.
type gatherer interface {
	page(p parquet.Page, levels []byte) bool // false: of a kind that does not fit the column
	column(s *reading) *dataset.Column
}

func (s *reading) pages(leaf *parquet.Column, g gatherer) error {
	for _, group := range s.file.RowGroups() {
		pages := group.ColumnChunks()[leaf.Index()].Pages()
		err := eachPage(pages, func(p parquet.Page) bool {
			levels := p.DefinitionLevels()
			return g.page(p, levels)
		})
		if closing := pages.Close(); err == nil {
			err = closing
		}
		if err != nil {
			return broken(s.options.Document, CodeBroken)
		}
	}
	return nil
}

var errKind = errors.New("values of another kind")

func eachPage(pages parquet.Pages, take func(p parquet.Page) bool) error {
	for {
		p, err := pages.ReadPage()
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
		ok := take(p)
		parquet.Release(p)
		if !ok {
			return errKind
		}
	}
}

// gatherer chooses by the physical and logical type of the column, and what was declared.
func (s *reading) gatherer(position int, leaf *parquet.Column) gatherer {
	name := leaf.Name()
	o := s.options.ReadOptions
	kind, declared := o.Kinds[name]
	if len(o.Levels[name]) > 0 {
		kind, declared = dataset.Category, true
	}
	field, known := s.known[name]
	if known && !declared {
		kind, declared = field.Kind, true
	}
	logical := leaf.Type().LogicalType()
	physical := leaf.Type().Kind()
	isBytes := physical == parquet.ByteArray || physical == parquet.FixedLenByteArray
	_, decimal := logicalOf(logical).(*format.DecimalType)
	if isBytes && !decimal {
		t := dataset.ReadOptions{Missing: o.Missing, ColumnMissing: o.ColumnMissing, Levels: o.Levels, Dates: o.Dates, Decimal: o.Decimal,
			MaxLevels: o.MaxLevels, MaxCell: o.MaxCell}
		if declared {
			t.Kinds = map[string]dataset.Kind{name: kind}
		}
		if known && len(o.Levels[name]) == 0 && kind == dataset.Category {
			t.Levels = map[string][]dataset.Level{name: field.Levels}
		}
		return newTexts(s, position, name, t)
	}
	n := newNumbers(name, o.MissingIn(name), logical, leaf)
	n.asCategory = (declared && kind == dataset.Category) || (!declared && physical == parquet.Boolean)
	n.levels = levelCodes(o.Levels[name])
	if known && n.levels == nil {
		n.levels = levelCodes(field.Levels)
	}
	return n
}

func levelCodes(levels []dataset.Level) (out []string) {
	for _, l := range levels {
		out = append(out, l.Code)
	}
	return out
}

// texts takes strings.
type texts struct {
	reading  *reading
	gather   *dataset.Gather
	name     string
	position int
	row      int
}

func newTexts(s *reading, position int, name string, o dataset.ReadOptions) *texts {
	return &texts{reading: s, position: position, name: name, gather: dataset.NewGather(name, o)}
}

func (t *texts) put(cell []byte) {
	if code := t.gather.Cell(cell); code != "" {
		t.reading.reject(t.row, code, t.position, t.name)
	}
	t.row++
}

func (t *texts) page(p parquet.Page, levels []byte) bool {
	values, ok := bytesOf(p)
	if !ok {
		return t.slow(p)
	}
	next := 0
	for _, l := range levels {
		if l == 0 {
			t.put(nil)
			continue
		}
		t.put(values.at(next))
		next++
	}
	if levels == nil {
		for next < values.n {
			t.put(values.at(next))
			next++
		}
	}
	return true
}

// slow reads a page value by value.
func (t *texts) slow(p parquet.Page) bool {
	values := make([]parquet.Value, 256)
	r := p.Values()
	for {
		n, err := r.ReadValues(values)
		for _, v := range values[:n] {
			if v.IsNull() {
				t.put(nil)
			} else {
				t.put(v.ByteArray())
			}
		}
		if err == io.EOF {
			return true
		}
		if err != nil || n == 0 {
			return false
		}
	}
}

func (t *texts) column(s *reading) *dataset.Column { return t.gather.Column(s.accounts) }

// pageBytes is the strings of a page: in place, or as indices into its dictionary.
type pageBytes struct {
	data    []byte
	offsets []uint32
	index   []int32 // nil: in place
	n       int
}

func (b pageBytes) at(i int) []byte {
	if b.index != nil {
		i = int(b.index[i])
	}
	return b.data[b.offsets[i]:b.offsets[i+1]]
}

func bytesOf(p parquet.Page) (b pageBytes, ok bool) {
	data := p.Data()
	if d := p.Dictionary(); d != nil {
		b.index = data.Int32()
		b.n = len(b.index)
		data = d.Page().Data()
	}
	if data.Kind() != encoding.ByteArray {
		return b, false
	}
	b.data, b.offsets = data.ByteArray()
	if p.Dictionary() == nil {
		b.n = max(len(b.offsets)-1, 0)
	}
	return b, true
}
