package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// server is a server in a process of its own, so that its memory is its own.
type server struct {
	command *exec.Cmd
	address string
	said    *bytes.Buffer
}

// freePort asks the system for a port that nobody has.
func freePort() (string, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	defer l.Close()
	return l.Addr().String(), nil
}

// start runs a program until its health page answers.
func start(ctx context.Context, address string, env []string, name string, args ...string) (*server, error) {
	s := &server{command: exec.CommandContext(ctx, name, args...), address: "http://" + address, said: &bytes.Buffer{}}
	s.command.Env = append(os.Environ(), env...)
	s.command.Stdout, s.command.Stderr = s.said, s.said
	if err := s.command.Start(); err != nil {
		return nil, err
	}
	for range 600 {
		res, err := http.Get(s.address + "/healthz")
		if err == nil {
			res.Body.Close()
			return s, nil
		}
		if s.command.ProcessState != nil {
			break
		}
		time.Sleep(50 * time.Millisecond)
	}
	_ = s.command.Process.Kill()
	return nil, fmt.Errorf("%s does not answer: %s", name, s.said)
}

// stop asks the server to stop and waits.
func (s *server) stop() error {
	if err := s.command.Process.Signal(syscall.SIGTERM); err != nil {
		return err
	}
	err := s.command.Wait()
	var exit *exec.ExitError
	if errors.As(err, &exit) && exit.ExitCode() == 0 {
		return nil
	}
	return err
}

// memory is what the process holds now and what it held at most, in MB of 10^6 bytes.
func (s *server) memory() (now, most float64, err error) {
	b, err := os.ReadFile(filepath.Join("/proc", strconv.Itoa(s.command.Process.Pid), "status"))
	if err != nil {
		return 0, 0, err
	}
	lines := bufio.NewScanner(bytes.NewReader(b))
	for lines.Scan() {
		f := strings.Fields(lines.Text())
		if len(f) < 2 {
			continue
		}
		kib, _ := strconv.ParseFloat(f[1], 64)
		switch f[0] {
		case "VmRSS:":
			now = kib * 1024 / 1e6
		case "VmHWM:":
			most = kib * 1024 / 1e6
		}
	}
	return now, most, lines.Err()
}

// forget makes the most of memory that a process held begin anew: opening the key takes 256 MB on purpose, once.
func (s *server) forget() {
	_ = os.WriteFile(filepath.Join("/proc", strconv.Itoa(s.command.Process.Pid), "clear_refs"), []byte("5"), 0) // an older system says the most since the start
}

// spent is the CPU time that the process has used.
func (s *server) spent() (time.Duration, error) {
	b, err := os.ReadFile(filepath.Join("/proc", strconv.Itoa(s.command.Process.Pid), "stat"))
	if err != nil {
		return 0, err
	}
	_, after, _ := strings.Cut(string(b), ") ")
	f := strings.Fields(after)
	if len(f) < 13 {
		return 0, errors.New("read stat: too short")
	}
	user, _ := strconv.ParseInt(f[11], 10, 64)
	system, _ := strconv.ParseInt(f[12], 10, 64)
	return time.Duration(user+system) * 10 * time.Millisecond, nil // clock ticks are a hundredth of a second on Linux
}

// sizeOf adds up the files of a folder.
func sizeOf(dir string) (n int64) {
	_ = filepath.WalkDir(dir, func(_ string, d os.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			if info, err := d.Info(); err == nil {
				n += info.Size()
			}
		}
		return nil
	})
	return n
}

// save and load keep a site, so that a database once filled can be read again.
func (s site) save(file string) error {
	b, err := json.Marshal(s)
	if err != nil {
		return err
	}
	return os.WriteFile(file, b, 0o600)
}

func load(file string) (s site, err error) {
	b, err := os.ReadFile(file)
	if err != nil {
		return s, err
	}
	return s, json.Unmarshal(b, &s)
}
