//go:build unix

package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"waymark/collect"
	"waymark/serve/openrosa/collecttest"
	"waymark/trust/access"
)

// fileLimit is the environment variable by which a test gives a server little room: bytes that a file may have.
const fileLimit = "WAYMARK_TEST_FILE_LIMIT"

// TestServeAsProcess is no test: it is the server that the tests below start, in a process that can be killed.
func TestServeAsProcess(t *testing.T) {
	args := os.Getenv("WAYMARK_TEST_SERVE")
	if args == "" {
		return
	}
	if limit, err := strconv.ParseUint(os.Getenv(fileLimit), 10, 64); err == nil {
		signal.Ignore(syscall.SIGXFSZ) // a disk says no by an error, not by a signal
		if err := syscall.Setrlimit(syscall.RLIMIT_FSIZE, &syscall.Rlimit{Cur: limit, Max: limit}); err != nil {
			t.Fatal(err)
		}
	}
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM)
	code := run(ctx, strings.Split(args, "\n"), room{in: os.Stdin, out: io.Discard, err: io.Discard, getenv: os.Getenv})
	stop()
	os.Exit(code)
}

// camp is a folder of records with a project, a form and a phone, and the process that serves it.
type camp struct {
	dir, key string
	project  int64
	path     string // of the phone's address
	process  *exec.Cmd
	phone    *collecttest.Client
}

const campForm = `<?xml version="1.0"?><h:html xmlns="http://www.w3.org/2002/xforms" xmlns:h="http://www.w3.org/1999/xhtml" xmlns:wm="urn:waymark:form:1"><h:head><h:title>Camp</h:title><model>
<instance><data id="camp" version="1"><name/><photo/><person><age/></person><meta><instanceID/></meta></data></instance>
<bind nodeset="/data/name" type="string"/><bind nodeset="/data/photo" type="binary" wm:sensitivity="internal"/><bind nodeset="/data/person/age" type="int"/></model></h:head>
<h:body><input ref="/data/name"><label>Name</label></input><upload ref="/data/photo" mediatype="image/*"><label>Photo</label></upload>
<group ref="/data/person"><label>Person</label><repeat nodeset="/data/person"><input ref="/data/person/age"><label>Age</label></input></repeat></group></h:body></h:html>`

func newCamp(t *testing.T) *camp {
	t.Helper()
	at := t.TempDir()
	c := &camp{dir: filepath.Join(at, "records"), key: filepath.Join(at, "key")}
	c.within(t, func(ctx context.Context, desk *collect.Desk) {
		p, err := desk.AddProject(ctx, system(), collect.Project{Name: "Camp"})
		if err == nil {
			_, err = desk.UploadForm(ctx, system(), p.ID, "camp.xml", []byte(campForm))
		}
		if err == nil {
			_, err = desk.Publish(ctx, system(), p.ID, "camp", "")
		}
		if err != nil {
			t.Fatal(err)
		}
		_, token, _, err := desk.AddDevice(ctx, system(), collect.Device{Project: p.ID, Name: "phone"})
		if err != nil {
			t.Fatal(err)
		}
		c.project, c.path = p.ID, fmt.Sprintf("/v1/key/%s/projects/%d", token, p.ID)
	})
	return c
}

// within opens the folder while no server has it.
func (c *camp) within(t *testing.T, do func(context.Context, *collect.Desk)) {
	t.Helper()
	f := folderFlags{dir: c.dir, keyFile: c.key}
	o, err := f.open(t.Context(), &room{err: io.Discard, getenv: os.Getenv}, mayCreate)
	if err != nil {
		t.Fatal(err)
	}
	do(t.Context(), o.desk)
	if err := o.close(); err != nil {
		t.Fatal(err)
	}
}

// start starts the server and waits until it answers.
func (c *camp) start(t *testing.T, env ...string) {
	t.Helper()
	ready := filepath.Join(t.TempDir(), "ready")
	c.process = exec.Command(os.Args[0], "-test.run=^TestServeAsProcess$")
	c.process.Env = append(append(os.Environ(), "WAYMARK_TEST_SERVE="+strings.Join([]string{"serve", "--dir", c.dir, "--key-file", c.key, "--listen", "127.0.0.1:0", "--ready", ready}, "\n")), env...)
	if err := c.process.Start(); err != nil {
		t.Fatal(err)
	}
	process := c.process.Process
	t.Cleanup(func() { _ = process.Kill() })
	for range 1000 {
		if b, err := os.ReadFile(ready); err == nil {
			c.phone = &collecttest.Client{Server: strings.TrimSpace(string(b)) + c.path}
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	t.Fatal("the server does not start")
}

func campRecord(n int) []byte {
	return fmt.Appendf(nil, `<?xml version="1.0"?><data id="camp" version="1"><name>%s</name><photo>p%d.jpg</photo><person><age>%d</age></person><person><age>7</age></person><meta><instanceID>uuid:%d</instanceID></meta></data>`,
		strings.Repeat("a long answer ", 20), n, n%90, n)
}

func campPhoto(n int) collecttest.File {
	return collecttest.File{Name: fmt.Sprintf("p%d.jpg", n), Type: "image/jpeg", Bytes: bytes.Repeat(fmt.Appendf(nil, "jpeg %d ", n), 200)}
}

// flood sends records from many phones until told to stop, and gives the numbers of those that were confirmed.
func (c *camp) flood(stop <-chan struct{}, from int) (confirmed []int, refused []error) {
	var mu sync.Mutex
	var wait sync.WaitGroup
	next := from
	for range 8 {
		wait.Go(func() {
			for {
				mu.Lock()
				n := next
				next++
				mu.Unlock()
				select {
				case <-stop:
					return
				default:
				}
				_, err := c.phone.Post(context.Background(), campRecord(n), false, campPhoto(n))
				mu.Lock()
				if err == nil {
					confirmed = append(confirmed, n)
				} else {
					refused = append(refused, err)
				}
				mu.Unlock()
				var answer *collecttest.Refused
				if err != nil && !errors.As(err, &answer) {
					return // the server is gone
				}
			}
		})
	}
	wait.Wait()
	return confirmed, refused
}

// whole checks that every confirmed record is there, and that every record that is there is whole: its rows, its photo
// byte by byte, and the chain of the audit log.
func (c *camp) whole(t *testing.T, confirmed []int) {
	t.Helper()
	reader := access.Actor{Kind: access.User, ID: 1}
	for _, r := range access.Rights() {
		reader.Rights = append(reader.Rights, access.Held{Right: r})
	}
	c.within(t, func(ctx context.Context, desk *collect.Desk) {
		records, err := desk.Records(ctx, reader, collect.Query{Project: c.project, Form: "camp"})
		if err != nil {
			t.Fatal(err)
		}
		there := map[string]bool{}
		for _, r := range records {
			there[r.Instance] = true
			var n int
			if _, err := fmt.Sscanf(r.Instance, "uuid:%d", &n); err != nil {
				t.Fatal(err)
			}
			a, body, err := desk.Attachment(ctx, reader, c.project, "camp", r.Instance, campPhoto(n).Name, "")
			if err != nil || a.Digest == "" {
				t.Errorf("a record is there without its photo: %v", err)
				continue
			}
			b, err := io.ReadAll(body)
			_ = body.Close()
			if err != nil || !bytes.Equal(b, campPhoto(n).Bytes) {
				t.Errorf("a photo is not what was sent: %d bytes, %v", len(b), err)
			}
		}
		for _, n := range confirmed {
			if !there[fmt.Sprintf("uuid:%d", n)] {
				t.Errorf("record %d was confirmed and is not there", n)
			}
		}
		rows := 0
		for row, err := range desk.Rows(ctx, reader, collect.Query{Project: c.project, Form: "camp", Table: "Submissions.person"}) {
			if err != nil {
				t.Fatal(err)
			}
			rows += min(1, len(row.Cells))
		}
		if rows != 2*len(records) {
			t.Errorf("%d rows of %d records with two each", rows, len(records))
		}
		if _, err := desk.VerifyAudit(ctx); err != nil {
			t.Errorf("the audit log: %v", err)
		}
	})
}

// A power cut: every record that was confirmed is there afterwards, and none of the others is there in half.
func TestKilledUnderLoad(t *testing.T) {
	if testing.Short() {
		t.Skip("starts servers: left out of -short")
	}
	c := newCamp(t)
	var confirmed []int
	for round := range 2 {
		c.start(t)
		stop := make(chan struct{})
		go func() {
			time.Sleep(1200 * time.Millisecond)
			_ = c.process.Process.Kill()
			time.Sleep(100 * time.Millisecond)
			close(stop)
		}()
		some, _ := c.flood(stop, round*1_000_000)
		_ = c.process.Wait()
		if len(some) < 8 {
			t.Fatalf("only %d records were confirmed before the cut", len(some))
		}
		confirmed = append(confirmed, some...)
		c.whole(t, confirmed)
	}
	t.Logf("%d records were confirmed", len(confirmed))
}

// A full disk: records are refused as something to try again later, nothing is kept in half, and with room the same
// records go through.
func TestFullDisk(t *testing.T) {
	if testing.Short() {
		t.Skip("starts servers: left out of -short")
	}
	c := newCamp(t)
	info, err := os.Stat(filepath.Join(c.dir, databaseName))
	if err != nil {
		t.Fatal(err)
	}
	c.start(t, fmt.Sprintf("%s=%d", fileLimit, info.Size()+700_000))
	stop := make(chan struct{})
	time.AfterFunc(2*time.Second, func() { close(stop) })
	confirmed, refused := c.flood(stop, 0)
	if len(confirmed) == 0 || len(refused) == 0 {
		t.Fatalf("%d confirmed, %d refused: the disk was not full, or was from the start", len(confirmed), len(refused))
	}
	for _, err := range refused {
		var answer *collecttest.Refused
		if !errors.As(err, &answer) || answer.Status < 500 || answer.Message == "" || strings.Contains(answer.Message, "/") {
			t.Fatalf("a full disk is told as %v", err)
		}
	}
	_ = c.process.Process.Kill()
	_ = c.process.Wait()
	c.whole(t, confirmed)
	c.start(t)
	for n := range 40 {
		if _, err := c.phone.Post(t.Context(), campRecord(n), false, campPhoto(n)); err != nil {
			t.Fatalf("with room again: %v", err)
		}
		confirmed = append(confirmed, n)
	}
	_ = c.process.Process.Kill()
	_ = c.process.Wait()
	c.whole(t, confirmed)
	t.Logf("%d records were confirmed, %d refused", len(confirmed)-40, len(refused))
}

// Told to stop, the server finishes what it has begun.
func TestGracefulStop(t *testing.T) {
	if testing.Short() {
		t.Skip("starts servers: left out of -short")
	}
	c := newCamp(t)
	c.start(t)
	time.AfterFunc(300*time.Millisecond, func() { _ = c.process.Process.Signal(syscall.SIGTERM) })
	status, err := c.phone.Slow(t.Context(), 10, 100*time.Millisecond, campRecord(1), campPhoto(1))
	if err != nil || status != "HTTP/1.1 201 Created" {
		t.Errorf("a record that was half way: %q, %v", status, err)
	}
	if err := c.process.Wait(); err != nil {
		t.Errorf("the server ended with %v", err)
	}
	c.whole(t, []int{1})
}
