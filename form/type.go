package form

// Type is what a question asks for.
type Type uint8

const (
	Unknown Type = iota
	Text
	Integer
	Decimal
	Range
	Date
	Time
	DateTime
	SelectOne
	SelectMultiple
	Rank
	Note
	Calculate
	Hidden
	Acknowledge
	Barcode
	Geopoint
	Geotrace
	Geoshape
	Image
	Audio
	Video
	File
	Metadata // the phone fills it in: start, end, device
	Audit    // the record of what was done on the phone
	External // a file of the form, no question
)

var typeNames = [...]string{
	"unknown", "text", "integer", "decimal", "range", "date", "time", "dateTime", "select_one", "select_multiple", "rank",
	"note", "calculate", "hidden", "acknowledge", "barcode", "geopoint", "geotrace", "geoshape", "image", "audio", "video",
	"file", "metadata", "audit", "external",
}

// String gives the name the XLSForm standard has for the type, where it has one.
func (t Type) String() string { return typeNames[t] }

// Select says whether answers come from a choice list.
func (t Type) Select() bool { return t == SelectOne || t == SelectMultiple || t == Rank }

// Asked says whether a person answers, so that a label is wanted.
func (t Type) Asked() bool {
	switch t {
	case Unknown, Calculate, Hidden, Metadata, Audit, External:
		return false
	}
	return true
}

// Answered says whether an export has a column for the question.
func (t Type) Answered() bool { return t != Note && t != Audit && t != External }
