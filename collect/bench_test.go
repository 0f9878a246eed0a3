package collect_test

import (
	"fmt"
	"strings"
	"testing"

	"waymark/collect"
)

// long is a form of 250 questions, a fifth of them free text, and a record of it.
func long() (sheets string, record func(n int) []byte) {
	var s, r strings.Builder
	s.WriteString("| survey |\n| | type | name | label |\n| | start | start | |\n| | end | end | |\n")
	r.WriteString(`<start>2026-03-02T08:00:00.000Z</start><end>2026-03-02T08:40:00.000Z</end>`)
	for i := range 250 {
		kind, answer := []string{"integer", "select_one yn", "decimal", "date", "text"}[i%5], []string{"41", "y", "3.25", "2026-03-02", "some words of an answer"}[i%5]
		fmt.Fprintf(&s, "| | %s | q%d | Question %d |\n", kind, i, i)
		fmt.Fprintf(&r, "<q%d>%s</q%d>", i, answer, i)
	}
	s.WriteString("| choices |\n| | list_name | name | label |\n| | yn | y | Yes |\n| | yn | n | No |\n| settings |\n| | form_title | form_id | version |\n| | Long | long | 1 |\n")
	body := r.String()
	return s.String(), func(n int) []byte {
		return fmt.Appendf(nil, `<data id="long" version="1"><meta><instanceID>uuid:%d</instanceID></meta>%s</data>`, n, body)
	}
}

// BenchmarkAccept takes records of 250 questions, one after another: each is synced before the next.
func BenchmarkAccept(b *testing.B) {
	h := newHouse(b)
	sheets, record := long()
	h.publish(sheets)
	n := 0
	b.ReportAllocs()
	for b.Loop() {
		n++
		if _, err := h.Accept(ctx, h.phone, collect.Sent{Project: h.project, Raw: record(n)}); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkAcceptTogether takes them from many phones at once, which share syncs.
func BenchmarkAcceptTogether(b *testing.B) {
	h := newHouse(b)
	sheets, record := long()
	h.publish(sheets)
	next := make(chan int)
	go func() {
		for n := 1; ; n++ {
			next <- n
		}
	}()
	b.ReportAllocs()
	b.SetParallelism(25)
	b.RunParallel(func(p *testing.PB) {
		for p.Next() {
			if _, err := h.Accept(ctx, h.phone, collect.Sent{Project: h.project, Raw: record(<-next)}); err != nil {
				b.Error(err)
			}
		}
	})
}

// BenchmarkRows reads two thousand records of 250 questions.
func BenchmarkRows(b *testing.B) {
	h := newHouse(b)
	sheets, record := long()
	h.publish(sheets)
	for n := range 2000 {
		if _, err := h.Accept(ctx, h.phone, collect.Sent{Project: h.project, Raw: record(n)}); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportAllocs()
	for b.Loop() {
		rows := 0
		for _, err := range h.Rows(ctx, h.viewer, collect.Query{Project: h.project, Form: "long"}) {
			if err != nil {
				b.Fatal(err)
			}
			rows++
		}
		if rows != 2000 {
			b.Fatal(rows)
		}
	}
}
