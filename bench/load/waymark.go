package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// Who sets the server up. The folder lies on this machine and is taken away afterwards.
const (
	email    = "bench@example.org"
	password = "a password for the bench"
)

// beginWaymark makes a folder of records and its first user, starts the program, and makes a project, forms and a phone.
func beginWaymark(ctx context.Context, waymark, dir, address string) (*server, site, error) {
	env := []string{"WAYMARK_PASSPHRASE=only for the bench"}
	records, again := filepath.Join(dir, "records"), filepath.Join(dir, "site.json")
	if _, err := os.Stat(again); err != nil {
		add := exec.CommandContext(ctx, waymark, "user", "add", email, "--role", "manager", "--dir", records, "--password-stdin")
		add.Env, add.Stdin = append(os.Environ(), env...), strings.NewReader(password+"\n")
		if said, err := add.CombinedOutput(); err != nil {
			return nil, site{}, fmt.Errorf("add user: %w: %s", err, said)
		}
	}
	run, err := start(ctx, address, env, waymark, "serve", "--dir", records, "--listen", address)
	if err != nil {
		return nil, site{}, err
	}
	s, err := load(again)
	if err == nil {
		s, err = s.anew(ctx, "http://"+address)
		return run, s, err
	}
	s, err = setUp(ctx, "http://"+address, email, password, long(), household())
	if err == nil {
		err = s.save(again)
	}
	return run, s, err
}

// anew is a site whose server was started again: another address, another session.
func (s site) anew(ctx context.Context, address string) (site, error) {
	s.Phone = address + strings.TrimPrefix(s.Phone, s.Address)
	s.Address, s.Bearer = address, ""
	var session struct{ Token string }
	err := call(ctx, s, "POST", "/v1/sessions", "application/json", map[string]string{"email": email, "password": password}, &session)
	s.Bearer = session.Token
	return s, err
}
