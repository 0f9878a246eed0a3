package dataset

import "waymark/fault"

// Gather makes one column from cells of text, for readers of formats that hold one column after the other.
// It declares and infers like Intake, but takes what is text in the file as text: numbers are only looked
// for where they were declared.
type Gather struct{ column *intakeColumn }

// NewGather starts a column.
func NewGather(name string, options ReadOptions) *Gather {
	o := options.withDefaults()
	in := Intake{options: o}
	c := in.startColumn(0, name)
	c.noNumbers = !c.declared
	c.companion = -1
	return &Gather{column: c}
}

// Cell takes the next row's cell. A code says why its row cannot be loaded; the row counts as Empty then, so
// that the caller can go on and take it out with its row later.
func (g *Gather) Cell(cell []byte) fault.Code {
	c := g.column
	code := fault.Code("")
	if len(cell) > c.options.MaxCell {
		code = CodeCellTooLong
	} else {
		code = c.look(cell)
	}
	if code != "" {
		c.look(nil)
	}
	c.put()
	return code
}

// Missing takes the next row without a value.
func (g *Gather) Missing(m Missing) {
	if m == Empty {
		g.Cell(nil)
		return
	}
	g.Cell([]byte{0, byte(m)})
}

// Column gives the finished column; notes go into the account.
func (g *Gather) Column(a *Accounts) *Column { return g.column.column(a) }
