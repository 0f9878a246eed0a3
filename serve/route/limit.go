package route

import (
	"hash/maphash"
	"math"
	"sync"
	"time"
)

// Rate is a token bucket: Burst requests at once, then PerSecond. The zero Rate has no limit.
type Rate struct {
	PerSecond float64
	Burst     float64
}

// buckets holds a bucket for each key. Keys are hashed, so that no token or address stays in memory, and the
// oldest are forgotten when there are too many: a full bucket and a forgotten one are the same.
type buckets struct {
	rate Rate
	seed maphash.Seed

	mu   sync.Mutex
	full map[uint64]bucket
}

type bucket struct {
	left float64
	at   time.Time
}

// mostBuckets bounds the memory that strangers can make us use: about 5 MB.
const mostBuckets = 1 << 16

func newBuckets(r Rate) *buckets {
	return &buckets{rate: r, seed: maphash.MakeSeed(), full: map[uint64]bucket{}}
}

// take takes cost from a key's bucket; where there is not enough it takes nothing and says how long to wait. A cost
// of 0 asks whether there is any.
func (b *buckets) take(key string, cost float64, now time.Time) (wait time.Duration, ok bool) {
	if b.rate.PerSecond <= 0 {
		return 0, true
	}
	k := maphash.String(b.seed, key)
	b.mu.Lock()
	defer b.mu.Unlock()
	have, known := b.full[k]
	if !known {
		b.forget(now)
		have = bucket{left: b.rate.Burst, at: now}
	}
	if passed := now.Sub(have.at).Seconds(); passed > 0 { // a clock set back gives nothing and takes nothing
		have.left = math.Min(b.rate.Burst, have.left+passed*b.rate.PerSecond)
	}
	have.at = now
	need := math.Max(cost, 1)
	if have.left < need {
		b.full[k] = have
		return time.Duration((need - have.left) / b.rate.PerSecond * float64(time.Second)), false
	}
	have.left -= cost
	b.full[k] = have
	return 0, true
}

// forget makes room: full buckets first, else any.
func (b *buckets) forget(now time.Time) {
	if len(b.full) < mostBuckets {
		return
	}
	refill := time.Duration(b.rate.Burst / b.rate.PerSecond * float64(time.Second))
	for k, have := range b.full {
		if now.Sub(have.at) > refill {
			delete(b.full, k)
		}
	}
	for k := range b.full {
		if len(b.full) < mostBuckets*3/4 {
			return
		}
		delete(b.full, k)
	}
}
