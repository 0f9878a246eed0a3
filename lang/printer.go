package lang

// Printer writes in one language.
type Printer struct {
	tag string
}

// Tag is "en" or "fr".
func (p *Printer) Tag() string { return p.tag }
