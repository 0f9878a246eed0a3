package chart

// SVG is a drawing with its words. Body is one <svg> element with <title> and <desc> inside, no script, no
// outside reference; ids inside it start with ID so that several stand on one page.
type SVG struct {
	ID      string
	Title   string
	Summary string
	Width   int // CSS pixels of the view box
	Height  int
	Body    []byte
}
