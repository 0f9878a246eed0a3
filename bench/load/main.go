// Command load knows how many records the server takes and how fast it gives them out: it starts a server in a process
// of its own, sends records over the loopback as phones do, reads them as programs do, and prints a table. It must not
// know how a record is kept: it sees what phones and programs see.
//
//	go run ./bench/load page --waymark BINARY       both measurements, into docs/benchmarks.md
//	go run ./bench/load posts --waymark BINARY      250 questions over 1, 10 and 50 connections
//	go run ./bench/load reads --waymark BINARY      100,000 records with two rows each, then exports
//	go run ./bench/load serve DIR ADDRESS [PPROF]   phones alone, for profiles
//	go run ./bench/load post SITE CONNECTIONS SECONDS
package main

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"time"
)

func main() {
	if err := command(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "load:", err)
		os.Exit(1)
	}
}

func command(args []string) error {
	ctx := context.Background()
	switch {
	case len(args) >= 3 && args[0] == "serve":
		return serve(args[1], args[2], append(args, "")[3])
	case len(args) == 4 && args[0] == "post":
		return once(ctx, args[1], args[2], args[3])
	case len(args) >= 1 && (args[0] == "posts" || args[0] == "reads" || args[0] == "page"):
		return measure(ctx, args[0], args[1:])
	}
	return errors.New("usage: load page|posts|reads [--waymark BINARY] | load serve DIR ADDRESS [PPROF] | load post SITE CONNECTIONS SECONDS")
}

// once posts to a server that is there.
func once(ctx context.Context, file, connections, seconds string) error {
	s, err := load(file)
	if err != nil {
		return err
	}
	n, err := strconv.Atoi(connections)
	if err != nil {
		return err
	}
	lasting, err := strconv.Atoi(seconds)
	if err != nil {
		return err
	}
	got, err := post(ctx, s, long(), n, int(time.Now().UnixMilli()%1e9)*1000, 1<<30, time.Duration(lasting)*time.Second, 0)
	if err != nil {
		return err
	}
	fmt.Println(got)
	return nil
}

func ms(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }

// bench is a run of measurements.
type bench struct {
	waymark string // the program; "" a server of phones alone
	dir     string
	records int           // of the second measurement
	lasting time.Duration // of each run of the first
	out     io.Writer
	run     *server
	site    site
}

func (b *bench) say(format string, args ...any) { fmt.Fprintf(b.out, format, args...) }

// measure starts a server and runs the measurements that are asked for.
func measure(ctx context.Context, what string, args []string) error {
	b := &bench{out: os.Stdout}
	flags := flag.NewFlagSet(what, flag.ContinueOnError)
	flags.StringVar(&b.waymark, "waymark", "", "the program; without it, a server of phones alone")
	flags.StringVar(&b.dir, "dir", "", "folder of the records, kept; default one that is taken away")
	flags.IntVar(&b.records, "records", 100_000, "of the second measurement")
	flags.DurationVar(&b.lasting, "lasting", 20*time.Second, "of each run of the first")
	file := flags.String("out", "docs/benchmarks.md", "the page to write into")
	if err := flags.Parse(args); err != nil {
		return err
	}
	switch what {
	case "posts":
		return b.fresh(ctx, b.posts)
	case "reads":
		return b.fresh(ctx, b.reads)
	}
	var text bytes.Buffer
	b.out = io.MultiWriter(&text, os.Stdout)
	if err := b.page(ctx); err != nil {
		return err
	}
	return replace(*file, text.String())
}

// fresh measures on a server that was just started.
func (b *bench) fresh(ctx context.Context, measure func(context.Context) error) error {
	dir := b.dir
	if dir == "" {
		made, err := os.MkdirTemp("", "load")
		if err != nil {
			return err
		}
		defer os.RemoveAll(made)
		b.dir = made
		defer func() { b.dir = "" }()
	}
	var err error
	if b.run, b.site, err = begin(ctx, b.waymark, b.dir); err != nil {
		return err
	}
	defer func() { _ = b.run.command.Process.Kill() }()
	if err := measure(ctx); err != nil {
		return err
	}
	return b.run.stop()
}

// begin starts the program, or a server of phones alone.
func begin(ctx context.Context, waymark, dir string) (*server, site, error) {
	address, err := freePort()
	if err != nil {
		return nil, site{}, err
	}
	if waymark != "" {
		return beginWaymark(ctx, waymark, dir, address)
	}
	self, err := os.Executable()
	if err != nil {
		return nil, site{}, err
	}
	run, err := start(ctx, address, nil, self, "serve", dir, address)
	if err != nil {
		return nil, site{}, err
	}
	s, err := load(filepath.Join(dir, "site.json"))
	return run, s, err
}

// aims of the first measurement, and what ODK Central did on the same kind of machine.
var runs = []struct {
	connections int
	aim         float64
	central     string
}{{1, 200, "23, 35"}, {10, 500, "56, 164"}, {50, 800, "83, 572"}}

// posts measures how many records a second are taken.
func (b *bench) posts(ctx context.Context) error {
	q := long()
	if _, err := post(ctx, b.site, q, 4, 1<<28, 200, time.Minute, 0); err != nil { // a warm-up
		return err
	}
	b.run.forget()
	b.say("| connections | aim: records a second | sent at that rate: taken a second, median, 95 %% ms (aim 100) | as fast as answers come: records a second | median ms | 95 %% ms | CPU ms of the server a record | ODK Central: a second, median ms |\n|---|---|---|---|---|---|---|---|\n")
	for k, r := range runs {
		paced, err := post(ctx, b.site, q, r.connections, (2*k)*10_000_000, 1<<30, b.lasting, r.aim)
		if err != nil {
			return err
		}
		before, err := b.run.spent()
		if err != nil {
			return err
		}
		got, err := post(ctx, b.site, q, r.connections, (2*k+1)*10_000_000, 1<<30, b.lasting, 0)
		if err != nil {
			return err
		}
		after, err := b.run.spent()
		if err != nil {
			return err
		}
		b.say("| %d | %.0f | %.0f, %.1f, %.1f | %.0f | %.1f | %.1f | %.2f | %s |\n", r.connections, r.aim, paced.PerSecond, ms(paced.P50), ms(paced.P95),
			got.PerSecond, ms(got.P50), ms(got.P95), ms(after-before)/float64(got.Records), r.central)
	}
	return b.memory("\nA record has %d bytes. ", len(q.record(1)))
}

func (b *bench) memory(before string, args ...any) error {
	now, most, err := b.run.memory()
	if err != nil {
		return err
	}
	b.say(before+"Resident memory of the server: %.0f MB at the end, %.0f MB at most (aim 150); the folder: %.0f MB.\n", append(args, now, most, float64(sizeOf(b.dir))/1e6)...)
	return nil
}

// reads fills a form and measures how it is given out.
func (b *bench) reads(ctx context.Context) error {
	q := household()
	b.run.forget()
	if b.site.Filled < b.records {
		got, err := post(ctx, b.site, q, 50, b.site.Filled, b.records-b.site.Filled, 2*time.Hour, 0)
		if err != nil {
			return err
		}
		b.site.Filled = b.records
		if err := b.site.save(filepath.Join(b.dir, "site.json")); err != nil {
			return err
		}
		if err := b.memory("%d records of %d bytes went in at %.0f a second over 50 connections. ", got.Records, len(q.record(1)), got.PerSecond); err != nil {
			return err
		}
	}
	b.run.forget()
	base := fmt.Sprintf("/v1/projects/%d/forms/%s", b.site.Project, q.id)
	b.say("\n| what | seconds | aim | MB | resident MB after | ODK Central, seconds |\n|---|---|---|---|---|---|\n")
	for _, ask := range []struct{ what, path, aim, central string }{
		{"CSV archive", base + "/submissions.csv.zip", "6", "39"},
		{"CSV archive, choices split", base + "/submissions.csv.zip?splitSelectMultiples=true", "6", "49"},
		{"OData, all main rows", base + ".svc/Submissions", "3", "14.2"},
		{"OData, one main row", base + ".svc/Submissions?%24top=1", "0.02", "0.63"},
		{"OData, one repeat row", base + ".svc/Submissions.person?%24top=1", "0.05", "14.7"},
		{"OData, 250 repeat rows", base + ".svc/Submissions.person?%24top=250", "0.05", "11.1"},
		{"OData, 250 main rows after 90,000", base + ".svc/Submissions?%24skip=90000&%24top=250", "0.05", "2.9"},
	} {
		var all []time.Duration
		var size int64
		for range 5 {
			spent, n, err := read(ctx, b.site, ask.path)
			if err != nil {
				return err
			}
			all, size = append(all, spent), n
		}
		slices.Sort(all)
		now, _, err := b.run.memory()
		if err != nil {
			return err
		}
		b.say("| %s | %.3f | %s | %.2f | %.0f | %s |\n", ask.what, all[len(all)/2].Seconds(), ask.aim, float64(size)/1e6, now, ask.central)
	}
	return b.memory("\n")
}
