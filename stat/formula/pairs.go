package formula

import (
	"maps"
	"slices"
)

// pairTable numbers the keys that occur, in the order of the keys; small ranges in a slice, large in a map.
type pairTable struct {
	slice []uint32
	keys  map[uint64]uint32
}

const slicePairs = 1 << 22

func newPairs(size uint64) *pairTable {
	if size <= slicePairs {
		return &pairTable{slice: make([]uint32, size)}
	}
	return &pairTable{keys: make(map[uint64]uint32)}
}

func (t *pairTable) put(key uint64) {
	if t.slice != nil {
		t.slice[key] = 1
		return
	}
	t.keys[key] = 1
}

// number gives every key that was put its place among them.
func (t *pairTable) number() []uint64 {
	var keys []uint64
	if t.slice != nil {
		for k, v := range t.slice {
			if v != 0 {
				t.slice[k] = uint32(len(keys))
				keys = append(keys, uint64(k))
			}
		}
		return keys
	}
	keys = slices.Sorted(maps.Keys(t.keys))
	for i, k := range keys {
		t.keys[k] = uint32(i)
	}
	return keys
}

func (t *pairTable) get(key uint64) uint32 {
	if t.slice != nil {
		return t.slice[key]
	}
	return t.keys[key]
}
