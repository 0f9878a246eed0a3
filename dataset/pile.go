package dataset

// pile is a growing list kept in chunks, so that a column of ten million rows grows without being copied
// and without leaving its smaller self behind for the garbage collector.
type pile[T any] struct {
	full [][]T
	last []T
	n    int
}

const (
	pileFirst = 256
	pileChunk = 1 << 17
)

func (p *pile[T]) push(v T) {
	if len(p.last) == cap(p.last) {
		p.grow()
	}
	p.last = append(p.last, v)
	p.n++
}

func (p *pile[T]) grow() {
	size := pileFirst
	if p.last != nil {
		p.full = append(p.full, p.last)
		size = min(4*cap(p.last), pileChunk)
	}
	p.last = make([]T, 0, size)
}

// each calls f with every value in order.
func (p *pile[T]) each(f func(v T)) {
	for _, chunk := range p.full {
		for _, v := range chunk {
			f(v)
		}
	}
	for _, v := range p.last {
		f(v)
	}
}

// take gives all values as one slice and empties the pile.
func (p *pile[T]) take() []T {
	out := make([]T, 0, p.n)
	for i, chunk := range p.full {
		out = append(out, chunk...)
		p.full[i] = nil
	}
	out = append(out, p.last...)
	*p = pile[T]{}
	return out
}
