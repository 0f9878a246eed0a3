// Command load knows how many records the server takes and how fast it gives them out: it starts a server in a process
// of its own, sends records over the loopback as phones do, reads them as programs do, and prints a table. It must not
// know how a record is kept: it sees what phones and programs see.
//
//	go run ./bench/load posts --waymark BINARY      250 questions over 1, 10 and 50 connections
//	go run ./bench/load reads --waymark BINARY      100,000 records with two rows each, then exports
//	go run ./bench/load serve DIR ADDRESS [PPROF]   phones alone, for profiles
//	go run ./bench/load post SITE CONNECTIONS SECONDS
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
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
	case len(args) >= 1 && (args[0] == "posts" || args[0] == "reads"):
		return measure(ctx, args[0], args[1:])
	}
	return errors.New("usage: load posts|reads [--waymark BINARY] | load serve DIR ADDRESS [PPROF] | load post SITE CONNECTIONS SECONDS")
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
	got, err := post(ctx, s, long(), n, int(time.Now().UnixMilli()%1e9)*1000, 1<<30, time.Duration(lasting)*time.Second)
	if err != nil {
		return err
	}
	print(got)
	return nil
}

func print(p posted) {
	fmt.Printf("| %d | %d | %.0f | %.1f | %.1f | %.1f | %.2f |\n", p.Connections, p.Records, p.PerSecond, ms(p.P50), ms(p.P95), ms(p.Max), ms(p.CPU))
}

func ms(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }

// measure starts a server and runs one of the two measurements.
func measure(ctx context.Context, what string, args []string) error {
	flags := flag.NewFlagSet(what, flag.ContinueOnError)
	waymark := flags.String("waymark", "", "the program; without it, a server of phones alone")
	records := flags.Int("records", 100_000, "of the second measurement")
	seconds := flags.Int("seconds", 20, "of each run of the first")
	keep := flags.String("dir", "", "folder of the records, kept; default one that is taken away")
	if err := flags.Parse(args); err != nil {
		return err
	}
	dir := *keep
	if dir == "" {
		made, err := os.MkdirTemp("", "load")
		if err != nil {
			return err
		}
		defer os.RemoveAll(made)
		dir = made
	}
	run, s, err := begin(ctx, *waymark, dir)
	if err != nil {
		return err
	}
	defer func() { _ = run.command.Process.Kill() }()
	if what == "posts" {
		err = posts(ctx, run, s, time.Duration(*seconds)*time.Second)
	} else {
		err = reads(ctx, run, s, dir, *records)
	}
	if err != nil {
		return err
	}
	fmt.Printf("\nThe folder holds %.0f MB.\n", float64(sizeOf(dir))/1e6)
	return run.stop()
}

// begin starts the program, or a server of phones alone.
func begin(ctx context.Context, waymark, dir string) (*server, site, error) {
	address, err := freePort()
	if err != nil {
		return nil, site{}, err
	}
	if waymark == "" {
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
	return beginWaymark(ctx, waymark, dir, address)
}

// posts measures how many records a second are taken.
func posts(ctx context.Context, run *server, s site, lasting time.Duration) error {
	q := long()
	fmt.Printf("A record of 250 questions has %d bytes.\n\n", len(q.record(1)))
	fmt.Println("| connections | records | a second | median ms | 95 % ms | most ms | CPU ms of the server a record |")
	fmt.Println("|---|---|---|---|---|---|---|")
	if _, err := post(ctx, s, q, 4, 1<<28, 200, time.Minute); err != nil { // a warm-up
		return err
	}
	run.forget()
	for k, n := range []int{1, 10, 50} {
		before, err := run.spent()
		if err != nil {
			return err
		}
		got, err := post(ctx, s, q, n, k*10_000_000, 1<<30, lasting)
		if err != nil {
			return err
		}
		after, err := run.spent()
		if err != nil {
			return err
		}
		got.CPU = (after - before) / time.Duration(got.Records)
		print(got)
	}
	return memory(run)
}

func memory(run *server) error {
	now, most, err := run.memory()
	if err != nil {
		return err
	}
	fmt.Printf("\nResident memory: %.0f MB now, %.0f MB at most.\n", now, most)
	return nil
}

// reads fills a form and measures how it is given out.
func reads(ctx context.Context, run *server, s site, dir string, records int) error {
	q := household()
	run.forget()
	if s.Filled < records {
		got, err := post(ctx, s, q, 50, s.Filled, records-s.Filled, 2*time.Hour)
		if err != nil {
			return err
		}
		fmt.Printf("%d records of %d bytes: %.0f a second.\n", got.Records, len(q.record(1)), got.PerSecond)
		s.Filled = records
		if err := s.save(filepath.Join(dir, "site.json")); err != nil {
			return err
		}
		if err := memory(run); err != nil {
			return err
		}
	}
	run.forget()
	base := fmt.Sprintf("/v1/projects/%d/forms/%s", s.Project, q.id)
	fmt.Println("\n| what | seconds | MB | resident MB after |")
	fmt.Println("|---|---|---|---|")
	for _, ask := range []struct{ what, path string }{
		{"CSV archive", base + "/submissions.csv.zip"},
		{"CSV archive, choices split", base + "/submissions.csv.zip?splitSelectMultiples=true"},
		{"OData, all main rows", base + ".svc/Submissions"},
		{"OData, one main row", base + ".svc/Submissions?%24top=1"},
		{"OData, one repeat row", base + ".svc/Submissions.person?%24top=1"},
		{"OData, 250 repeat rows", base + ".svc/Submissions.person?%24top=250"},
		{"OData, 250 main rows after 90,000", base + ".svc/Submissions?%24skip=90000&%24top=250"},
	} {
		var best time.Duration
		var size int64
		for k := range 3 {
			spent, n, err := read(ctx, s, ask.path)
			if err != nil {
				return err
			}
			if k == 0 || spent < best {
				best, size = spent, n
			}
		}
		now, _, err := run.memory()
		if err != nil {
			return err
		}
		fmt.Printf("| %s | %.3f | %.1f | %.0f |\n", ask.what, best.Seconds(), float64(size)/1e6, now)
	}
	return memory(run)
}
