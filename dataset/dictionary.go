package dataset

import (
	"encoding/binary"
	"math/bits"
)

// dictionary numbers distinct byte strings in the order met. It holds their bytes in one block, so that a
// cell costs a look-up and no string.
type dictionary struct {
	bytes []byte
	at    []uint32 // where each entry starts in bytes; one more than there are entries
	hash  []uint32 // of each entry
	short []uint64 // of each entry: its bytes where they are at most eight, see pack
	slots []uint32 // entry + 1, 0: free; a power of two long
}

func newDictionary() *dictionary {
	return &dictionary{at: []uint32{0}, slots: make([]uint32, 16)}
}

func (d *dictionary) len() int { return len(d.hash) }

func (d *dictionary) entry(i int) []byte { return d.bytes[d.at[i]:d.at[i+1]] }

// pack gives the bytes of a short cell as one number. Cells are cut from a larger buffer, so that the eight
// bytes can mostly be loaded at once; what follows the cell is masked out.
func pack(s []byte) (uint64, bool) {
	n := len(s)
	if n > 8 {
		return 0, false
	}
	if cap(s) >= 8 {
		return binary.LittleEndian.Uint64(s[:8]) & (1<<(8*n) - 1), true
	}
	var w uint64
	for i, c := range s {
		w |= uint64(c) << (8 * i)
	}
	return w, true
}

// find gives the number of an entry, or where a new one belongs (a slot) and its hash.
func (d *dictionary) find(s []byte) (entry int, slot, hash uint32, ok bool) {
	w, short := pack(s)
	h := hashOf(s, w, short)
	mask := uint32(len(d.slots) - 1)
	for i := h & mask; ; i = (i + 1) & mask {
		k := d.slots[i]
		if k == 0 {
			return 0, i, h, false
		}
		if d.hash[k-1] != h {
			continue
		}
		if short && d.short[k-1] == w && int(d.at[k]-d.at[k-1]) == len(s) || !short && string(d.entry(int(k-1))) == string(s) {
			return int(k - 1), i, h, true
		}
	}
}

// add puts a new entry where find said it belongs.
func (d *dictionary) add(s []byte, slot, hash uint32) int {
	n := len(d.hash)
	d.bytes = append(d.bytes, s...)
	d.at = append(d.at, uint32(len(d.bytes)))
	d.hash = append(d.hash, hash)
	w, _ := pack(s)
	d.short = append(d.short, w)
	d.slots[slot] = uint32(n + 1)
	if 2*len(d.hash) > len(d.slots) {
		d.slots = make([]uint32, 4*len(d.slots))
		mask := uint32(len(d.slots) - 1)
		for k, h := range d.hash {
			i := h & mask
			for d.slots[i] != 0 {
				i = (i + 1) & mask
			}
			d.slots[i] = uint32(k + 1)
		}
	}
	return n
}

// hashOf mixes eight bytes at a time by multiplication (the folded product of wyhash). It is not keyed: a
// file made to collide costs time in one column, which MaxLevels bounds.
func hashOf(s []byte, word uint64, short bool) uint32 {
	const k0, k1 = 0xa0761d6478bd642f, 0xe7037ed1a0b428db
	h := uint64(len(s)) ^ k0
	if !short {
		for len(s) > 8 {
			h = fold(h^binary.LittleEndian.Uint64(s), k1)
			s = s[8:]
		}
		word, _ = pack(s)
	}
	h = fold(h^word, k1)
	return uint32(h ^ h>>32)
}

func fold(a, b uint64) uint64 {
	hi, lo := bits.Mul64(a, b)
	return hi ^ lo
}
