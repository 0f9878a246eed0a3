package chart

// Legend sets entries in rows from the left, each with a sign drawn by sign at the middle of its place, and
// gives the height it took, with the gap below it.
func (c *Canvas) Legend(x, y, width float64, entries []string, sign func(i int, x, y float64)) float64 {
	const place, gap, row = 20.0, 18.0, 20.0
	at, line, top := x, 0, y
	tallest := 1
	for i, text := range entries {
		lines := Wrap(text, width-place, NoteSize, false)
		long := 0.0
		for _, l := range lines {
			long = max(long, TextWidth(l, NoteSize, false))
		}
		if at > x && at+place+long > x+width {
			at, line = x, line+1
			y += row + float64(tallest-1)*NoteSize*Leading
			tallest = 1
		}
		sign(i, at+7, y+row/2)
		for n, l := range lines {
			c.Text(at+place, y+row/2+NoteSize*0.36+float64(n)*NoteSize*Leading, l, Letters{Size: NoteSize})
		}
		tallest = max(tallest, len(lines))
		at += place + long + gap
	}
	return y - top + row + float64(tallest-1)*NoteSize*Leading + 6
}
