package respond

import (
	"encoding/binary"
	"encoding/json"
	"errors"
	"io"
	"net/http"

	"waymark/collect"
	"waymark/fault"
	"waymark/serve/route"
	"waymark/trust/access"
	"waymark/trust/seal"
)

// Limits of what a sealed record may say of itself.
const (
	mostHeader = 4096       // bytes of the header of a part
	mostBody   = 20_000_000 // bytes of a record without its files, as phones may send
	mostFiles  = 1000
)

// bodyPart is the name of the part that is the record itself; phones name it so too.
const bodyPart = "xml_submission_file"

// part is the header of a part of a record.
type part struct {
	Name string `json:"name"`
	Type string `json:"type"`
	Size int64  `json:"size"`
}

// receipt is what a browser is told (invariant 3).
type receipt struct {
	Kept    bool       `json:"kept"` // as a record or in quarantine: the browser may forget it
	Code    fault.Code `json:"code,omitempty"`
	Message string     `json:"message,omitempty"`
}

// sealed opens what a browser sealed, part by part, and gives it to the Desk.
func (p *pages) sealed(w http.ResponseWriter, r *http.Request, by access.Actor) error {
	form := r.PathValue("form")
	plain := p.Keys.Open(form, http.MaxBytesReader(w, r.Body, p.Maximum))
	sent := collect.Sent{Project: by.Project, Form: form, Language: route.Language(r)}
	for n := 0; ; n++ {
		head, err := readPart(plain)
		if err == io.EOF && n > 0 {
			break
		}
		switch {
		case err != nil:
			return notSealed(err)
		case n == 0 && (head.Name != bodyPart || head.Size > mostBody), n > mostFiles:
			return fault.Issue{Code: CodeNotSealed}
		case n == 0:
			sent.Raw = make([]byte, head.Size)
			if _, err := io.ReadFull(plain, sent.Raw); err != nil {
				return notSealed(err)
			}
			continue
		}
		file := &counted{r: io.LimitReader(plain, head.Size)}
		kept, err := p.Desk.KeepFile(r.Context(), head.Name, head.Type, file)
		if file.err != nil {
			return notSealed(file.err)
		}
		if err != nil {
			return err
		}
		if file.n != head.Size {
			return fault.Issue{Code: CodeNotSealed}
		}
		sent.Files = append(sent.Files, kept)
	}
	_, err := p.Desk.Accept(r.Context(), by, sent)
	out := receipt{Kept: true}
	status := http.StatusCreated
	switch issues := fault.Of(err); {
	case err == nil:
	case errors.Is(err, fault.Conflict), errors.Is(err, fault.NotFound), errors.Is(err, fault.Invalid): // held in quarantine
		status = route.Status(err)
		if len(issues) > 0 {
			out.Code = issues[0].Code
		}
	default:
		return err
	}
	return tell(w, status, out)
}

// readPart reads the header of the next part; io.EOF after the last.
func readPart(r io.Reader) (part, error) {
	var length [4]byte
	if _, err := io.ReadFull(r, length[:]); err != nil {
		return part{}, err
	}
	n := binary.BigEndian.Uint32(length[:])
	if n > mostHeader {
		return part{}, fault.Issue{Code: CodeNotSealed}
	}
	raw := make([]byte, n)
	if _, err := io.ReadFull(r, raw); err == io.EOF {
		return part{}, io.ErrUnexpectedEOF
	} else if err != nil {
		return part{}, err
	}
	var p part
	if err := json.Unmarshal(raw, &p); err != nil || p.Name == "" || p.Size < 0 {
		return part{}, fault.Issue{Code: CodeNotSealed}
	}
	return p, nil
}

// notSealed says what is wrong with bytes that did not open or that are no record.
func notSealed(err error) error {
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return fault.Issue{Code: CodeNotSealed}
	}
	for _, i := range fault.Of(err) {
		switch i.Code {
		case seal.CodeOtherKey:
			return fault.Issue{Code: CodeKey, Kind: fault.Gone}
		case seal.CodeDamaged, seal.CodeUnknown:
			return fault.Issue{Code: CodeNotSealed}
		}
	}
	return err
}

// counted counts what is read of a file and remembers what went wrong with the sealed stream under it.
type counted struct {
	r   io.Reader
	n   int64
	err error
}

func (c *counted) Read(b []byte) (int, error) {
	n, err := c.r.Read(b)
	c.n += int64(n)
	if err != nil && err != io.EOF {
		c.err = err
	}
	return n, err
}

func tell(w http.ResponseWriter, status int, out receipt) error {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	return json.NewEncoder(w).Encode(out)
}

// tellProblem is the route.Fail of what browsers send: nothing was kept.
func tellProblem(w http.ResponseWriter, _ *http.Request, p route.Problem) {
	out := receipt{Message: p.Text}
	if issues := fault.Of(p.Err); len(issues) > 0 {
		out.Code = issues[0].Code
	}
	if p.Status == http.StatusRequestEntityTooLarge {
		out.Code = CodeLarge
	}
	_ = tell(w, p.Status, out)
}
