package csv

import (
	"bytes"

	"waymark/dataset"
)

// setComma takes the delimiter told, or finds it in what the buffer holds.
func (t *tokens) setComma(told byte) {
	if told == 0 {
		told = commaOf(t.buf[t.start:t.end])
	}
	t.stop[t.comma] = false
	t.comma = told
	t.stop[told] = true
}

// commaOf finds the delimiter: the candidate that cuts the first records into the same number of cells, more
// than one, most often; of two that do, the one with more cells. A file of one column has a comma.
func commaOf(b []byte) byte {
	best, bestScore := byte(','), 0.0
	for _, candidate := range []byte{',', ';', '\t', '|'} {
		same, rows, width := uniform(b, candidate)
		if width < 2 {
			continue
		}
		score := float64(same)/float64(rows) + float64(min(width, 1000))/1e6
		if score > bestScore+1e-9 {
			best, bestScore = candidate, score
		}
	}
	return best
}

// uniform counts the records among the first 100 that have as many cells as the first.
func uniform(b []byte, comma byte) (same, rows, width int) {
	t := newTokens(bytes.NewReader(nil), comma, len(b))
	t.buf, t.end, t.eof = b, len(b), true
	for rows < 100 {
		start := t.start
		cells, blank, wrong, err := t.next()
		if err != nil {
			break
		}
		if rows > 0 && t.start == len(b) && b[len(b)-1] != '\n' {
			break // the last record may be cut
		}
		if blank || wrong.code != "" {
			if start == t.start {
				break
			}
			rows++
			continue
		}
		rows++
		if width == 0 {
			width = len(cells)
		}
		if len(cells) == width {
			same++
		}
	}
	return same, max(rows, 1), width
}

// decimalOf finds the decimal mark from the cells in the buffer: a comma where more cells can only be numbers
// with a decimal comma (12,5) than only with a point (12.5).
func decimalOf(t *tokens) dataset.DecimalMark {
	look := newTokens(bytes.NewReader(nil), t.comma, t.limit)
	look.buf, look.end, look.eof = t.buf[t.start:t.end], t.end-t.start, true
	points, commas := 0, 0
	for {
		cells, _, wrong, err := look.next()
		if err != nil {
			break
		}
		if wrong.code != "" {
			continue
		}
		for _, c := range cells {
			switch onlyDecimal(c) {
			case '.':
				points++
			case ',':
				commas++
			}
		}
	}
	if commas > points {
		return dataset.DecimalComma
	}
	return dataset.DecimalPoint
}

// onlyDecimal gives the mark that must be the decimal one if the cell is a number: the only mark where not
// exactly three digits follow it, or the last of two different ones. 0 where nothing tells.
func onlyDecimal(c []byte) byte {
	if len(c) > 0 && c[0] == '-' {
		c = c[1:]
	}
	if len(c) < 3 || len(c) > 32 {
		return 0
	}
	var marks [2]int
	last := -1
	for i, x := range c {
		switch {
		case x == '.':
			marks[0]++
			last = i
		case x == ',':
			marks[1]++
			last = i
		case x < '0' || x > '9':
			return 0
		}
	}
	if last < 1 || last == len(c)-1 {
		return 0
	}
	mark := c[last]
	mine, other := marks[0], marks[1]
	if mark == ',' {
		mine, other = other, mine
	}
	behind := len(c) - 1 - last
	switch {
	case mine > 1:
		return 0
	case other > 0:
		return mark
	case behind != 3, last > 3, c[0] == '0':
		return mark
	}
	return 0
}
