package pull

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"time"

	"waymark/fault"
)

// The issues of asking another server.
const (
	CodeNotReached  fault.Code = "pull.not-reached"  // host
	CodeNotAllowed  fault.Code = "pull.not-allowed"  // host, status
	CodeNotThere    fault.Code = "pull.not-there"    // host
	CodeUnexpected  fault.Code = "pull.unexpected"   // host, status
	CodeNotReadable fault.Code = "pull.not-readable" // host
	CodeTooLarge    fault.Code = "pull.too-large"    // host
)

// Asker asks another server, patiently: what fails for a while is asked again.
type Asker struct {
	Client *http.Client
	Header http.Header                                      // of every request: who asks
	Wait   func(ctx context.Context, d time.Duration) error // default: sleeps; tests do not
}

const (
	tries       = 5
	firstWait   = 2 * time.Second
	longestWait = time.Minute
	largestBody = 64 << 20
)

// Open asks for an address and gives the body of the answer.
func (a *Asker) Open(ctx context.Context, address string) (io.ReadCloser, http.Header, error) {
	wait := firstWait
	for try := 1; ; try++ {
		r, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
		if err != nil {
			return nil, nil, fault.Issue{Code: CodeNotReadable, Args: map[string]any{"host": "?"}}
		}
		for k, v := range a.Header {
			r.Header[k] = v
		}
		resp, err := a.Client.Do(r)
		again, failure := judge(r, resp, err)
		if failure == nil {
			return resp.Body, resp.Header, nil
		}
		if resp != nil {
			resp.Body.Close()
		}
		if !again || try == tries || ctx.Err() != nil {
			return nil, nil, errors.Join(failure, ctx.Err())
		}
		if resp != nil {
			if s, err := strconv.Atoi(resp.Header.Get("Retry-After")); err == nil && s > 0 {
				wait = min(time.Duration(s)*time.Second, longestWait)
			}
		}
		if err := a.pause(ctx, wait); err != nil {
			return nil, nil, err
		}
		wait = min(2*wait, longestWait)
	}
}

// judge says what is wrong with an answer, by the host alone: an address may hold a token.
func judge(r *http.Request, resp *http.Response, err error) (again bool, failure error) {
	args := map[string]any{"host": r.URL.Hostname()}
	if err != nil {
		return true, fault.Issue{Code: CodeNotReached, Args: args, Kind: fault.Unavailable}
	}
	switch s := resp.StatusCode; {
	case s >= 200 && s < 300:
		return false, nil
	case s == http.StatusUnauthorized || s == http.StatusForbidden:
		args["status"] = strconv.Itoa(s)
		return false, fault.Issue{Code: CodeNotAllowed, Args: args, Kind: fault.Forbidden}
	case s == http.StatusNotFound:
		return false, fault.Issue{Code: CodeNotThere, Args: args, Kind: fault.NotFound}
	default:
		args["status"] = strconv.Itoa(s)
		busy := s == 429 || s == 502 || s == 503 || s == 504
		return busy, fault.Issue{Code: CodeUnexpected, Args: args, Kind: fault.Unavailable}
	}
}

func (a *Asker) pause(ctx context.Context, d time.Duration) error {
	if a.Wait != nil {
		return a.Wait(ctx, d)
	}
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(d):
		return nil
	}
}

// Bytes asks for an address and reads the answer whole. A body that breaks off is asked for again.
func (a *Asker) Bytes(ctx context.Context, address string) ([]byte, http.Header, error) {
	for try := 1; ; try++ {
		body, header, err := a.Open(ctx, address)
		if err != nil {
			return nil, nil, err
		}
		b, err := io.ReadAll(io.LimitReader(body, largestBody+1))
		body.Close()
		switch {
		case len(b) > largestBody:
			return nil, nil, fault.Issue{Code: CodeTooLarge, Args: map[string]any{"host": "?"}}
		case err == nil:
			return b, header, nil
		case try == tries || ctx.Err() != nil:
			return nil, nil, errors.Join(fault.Issue{Code: CodeNotReached, Args: map[string]any{"host": "?"}, Kind: fault.Unavailable}, ctx.Err())
		}
		if err := a.pause(ctx, firstWait); err != nil {
			return nil, nil, err
		}
	}
}

// JSON asks for an address and reads the answer into v.
func (a *Asker) JSON(ctx context.Context, address string, v any) (http.Header, error) {
	b, header, err := a.Bytes(ctx, address)
	if err != nil {
		return nil, err
	}
	if err := json.Unmarshal(b, v); err != nil {
		return nil, fault.Issue{Code: CodeNotReadable, Args: map[string]any{"host": host(address)}, Kind: fault.Invalid}
	}
	return header, nil
}

func host(address string) string {
	r, err := http.NewRequest(http.MethodGet, address, nil)
	if err != nil {
		return "?"
	}
	return r.URL.Hostname()
}

// File makes a file of an address.
func (a *Asker) File(name, mediaType, address string) File {
	return File{Name: name, Type: mediaType, Open: func(ctx context.Context) (io.ReadCloser, error) {
		body, _, err := a.Open(ctx, address)
		if err != nil {
			return nil, fmt.Errorf("open a file: %w", err)
		}
		return body, nil
	}}
}
