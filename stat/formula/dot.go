package formula

// HasDot says whether the right-hand side holds a dot, which stands for columns that only Build knows.
func (f *Formula) HasDot() bool {
	found := false
	for _, n := range f.roots() {
		n.walk(func(n *node) bool {
			found = found || n.op == opDot
			return true
		})
	}
	return found
}
