package csv_test

import (
	"bytes"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"strings"
	"testing"

	"waymark/dataset/csv"
)

// survey gives rows of a survey of fourteen columns: ten categories, a 0/1 outcome, an age, a cost of many
// distinct values and a weight with decimals.
func survey(rows int) []byte {
	r := rand.New(rand.NewPCG(1, 2))
	var b bytes.Buffer
	pick := func(words ...string) string { return words[r.IntN(len(words))] }
	for range rows {
		fmt.Fprintf(&b, "%d,%s,N%d,L%d,%s,%s,%s,%s,%s,%s,%s,%s,%d,%.2f\n", r.IntN(2), pick("Eastern", "Central"), r.IntN(60), r.IntN(200),
			pick("male", "female"), pick("14-17", "18-25", "26-35", "36-45"), pick("none", "primary", "secondary", "upper_secondary", ""),
			pick("single", "married", "other"), pick("alone", "group", "family"), pick("under_2w", "2w_3m", "3m_6m", "over_6m"),
			pick("under_1000", "1000_2500", "2500_5000", "over_5000"), pick("yes", "no", "dnk"), 14+r.IntN(50), r.Float64()*100)
	}
	return b.Bytes()
}

const surveyHeader = "exploited,route,nationality,location,sex,age_group,education,marital,travel,duration,cost,conflict,age,weight\n"

// again repeats a block, so that a large file needs no disk.
type again struct {
	block []byte
	at, n int
}

func (a *again) Read(p []byte) (int, error) {
	if a.n == 0 {
		return 0, io.EOF
	}
	n := copy(p, a.block[a.at:])
	if a.at += n; a.at == len(a.block) {
		a.at = 0
		a.n--
	}
	return n, nil
}

// BenchmarkRead reads a survey of fourteen columns. The largest case holds ten million rows and reports the
// peak memory of the process where the system tells it.
func BenchmarkRead(b *testing.B) {
	for _, size := range []struct{ block, times int }{{16_524, 1}, {100_000, 10}, {100_000, 100}} {
		block := survey(size.block)
		b.Run(fmt.Sprint(size.block*size.times), func(b *testing.B) {
			b.SetBytes(int64(len(block)) * int64(size.times))
			for b.Loop() {
				l, err := csv.Read(io.MultiReader(strings.NewReader(surveyHeader), &again{block: block, n: size.times}), csv.Options{})
				if err != nil || l.Accounts.Loaded != size.block*size.times {
					b.Fatal(err, l.Accounts.Loaded)
				}
			}
			b.ReportMetric(peakMegabytes(), "peak-MB")
		})
	}
}

// peakMegabytes is the largest resident size of the process so far, 0 where the system does not tell.
func peakMegabytes() float64 {
	status, err := os.ReadFile("/proc/self/status")
	if err != nil {
		return 0
	}
	for line := range strings.Lines(string(status)) {
		var kb float64
		if n, _ := fmt.Sscanf(line, "VmHWM: %f kB", &kb); n == 1 {
			return kb / 1024
		}
	}
	return 0
}
