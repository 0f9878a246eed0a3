package glmm

// keyed is a row with one word of its sorting key.
type keyed struct {
	key uint64
	row uint32
}

// radixSort orders rows by a list of words, most significant first, stably, and gives the row numbers in order.
// word(k, i) is word k of row i. Digits that are equal in all rows cost one pass of counting. Where there is one
// word it gives the sorted words too, else nil.
func radixSort(n, words int, word func(k int, i uint32) uint64) (order []uint32, keys []uint64) {
	from, to := make([]keyed, n), make([]keyed, n)
	for i := range from {
		from[i].row = uint32(i)
	}
	const digit, radix = 11, 1 << 11
	for k := words - 1; k >= 0; k-- {
		all, any := ^uint64(0), uint64(0)
		for i := range from {
			w := word(k, from[i].row)
			from[i].key = w
			all &= w
			any |= w
		}
		varying := all ^ any
		for shift := uint(0); shift < 64; shift += digit {
			if varying>>shift&(radix-1) == 0 {
				continue
			}
			var count [radix]int
			for i := range from {
				count[from[i].key>>shift&(radix-1)]++
			}
			sum := 0
			for d := range count {
				count[d], sum = sum, sum+count[d]
			}
			for i := range from {
				d := from[i].key >> shift & (radix - 1)
				to[count[d]] = from[i]
				count[d]++
			}
			from, to = to, from
		}
	}
	to = nil
	order = make([]uint32, n)
	for i := range from {
		order[i] = from[i].row
	}
	if words == 1 {
		keys = make([]uint64, n)
		for i := range from {
			keys[i] = from[i].key
		}
	}
	return order, keys
}
