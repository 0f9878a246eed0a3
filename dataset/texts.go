package dataset

import (
	"encoding/binary"
	"unsafe"
)

// texts keeps many strings in a few blocks of bytes: eight bytes a cell beside the content, and nothing for
// the garbage collector to walk.
type texts struct {
	blocks [][]byte
	index  []uint64     // block number in the upper half, offset of the length and content in the lower
	next   pile[uint64] // index while it grows; seal makes it index
}

const textBlock = 1 << 18

func (t *texts) append(s []byte) {
	need := len(s) + binary.MaxVarintLen32
	last := len(t.blocks) - 1
	if last < 0 || cap(t.blocks[last])-len(t.blocks[last]) < need {
		size := textBlock
		if last < 0 {
			size = 256
		} else if c := 4 * cap(t.blocks[last]); c < size {
			size = c
		}
		t.blocks = append(t.blocks, make([]byte, 0, max(size, need)))
		last++
	}
	b := t.blocks[last]
	t.next.push(uint64(last)<<32 | uint64(len(b)))
	b = binary.AppendUvarint(b, uint64(len(s)))
	t.blocks[last] = append(b, s...)
}

func (t *texts) appendString(s string) { t.append(unsafe.Slice(unsafe.StringData(s), len(s))) }

// seal ends the growing; at may be asked from then on.
func (t *texts) seal() { t.index = t.next.take() }

// at gives string i without copying it: blocks are never written again once filled.
func (t *texts) at(i int) string {
	at := t.index[i]
	b := t.blocks[at>>32][uint32(at):]
	n, w := binary.Uvarint(b)
	if n == 0 {
		return ""
	}
	return unsafe.String(&b[w], int(n))
}
