package formula

// Formula is a parsed model formula.
type Formula struct {
	text string
}

// String gives the formula as it was written.
func (f *Formula) String() string { return f.text }
