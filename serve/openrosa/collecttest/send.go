package collecttest

import (
	"bytes"
	"context"
	"encoding/xml"
	"fmt"
	"mime/multipart"
	"net"
	"net/http"
	"net/textproto"
	"net/url"
	"strconv"
	"strings"
	"time"

	"waymark/trust/seal"
)

// File is a file beside a record.
type File struct {
	Name  string
	Type  string
	Bytes []byte
}

// Answer is what came of a post that was taken.
type Answer struct {
	Status  int
	Message string
	Posts   int
}

// Limits of one post, as the app has them.
const (
	filesInPost   = 100
	defaultLength = 10_000_000
)

// Send sends a record as the app does: HEAD, then as many posts as its files need.
func (c *Client) Send(ctx context.Context, record []byte, files ...File) (Answer, error) {
	address := c.Server + "/submission"
	res, b, err := c.Do(ctx, http.MethodHead, address, "", nil)
	if err != nil {
		return Answer{}, err
	}
	if res.StatusCode != http.StatusNoContent {
		return Answer{}, refusal(res, b)
	}
	if to := res.Header.Get("Location"); to != "" {
		u, err := url.Parse(to)
		if err != nil || u.Host != res.Request.URL.Host {
			return Answer{}, fmt.Errorf("HEAD sends the record to another host: %s", to)
		}
		address = to
	}
	limit := int64(defaultLength)
	if n, err := strconv.ParseInt(res.Header.Get("X-OpenRosa-Accept-Content-Length"), 10, 64); err == nil {
		limit = n
	}
	posts := Split(record, files, limit)
	var answer Answer
	for k, some := range posts {
		answer, err = c.post(ctx, address, record, some, k < len(posts)-1)
		if err != nil {
			return answer, err
		}
	}
	answer.Posts = len(posts)
	return answer, nil
}

// Split shares files out among posts: a new one after a hundred files, or where the next would pass the length that
// the server takes.
func Split(record []byte, files []File, limit int64) [][]File {
	posts, size := [][]File{nil}, int64(len(record))
	for _, f := range files {
		last := &posts[len(posts)-1]
		if len(*last) > 0 && (len(*last) >= filesInPost || size+int64(len(f.Bytes)) > limit) {
			posts, size = append(posts, nil), int64(len(record))
			last = &posts[len(posts)-1]
		}
		*last = append(*last, f)
		size += int64(len(f.Bytes))
	}
	return posts
}

// Post sends one post without asking first.
func (c *Client) Post(ctx context.Context, record []byte, incomplete bool, files ...File) (Answer, error) {
	return c.post(ctx, c.Server+"/submission", record, files, incomplete)
}

func (c *Client) post(ctx context.Context, address string, record []byte, files []File, incomplete bool) (Answer, error) {
	kind, body := Body(record, files, incomplete)
	res, b, err := c.Do(ctx, http.MethodPost, address, kind, body)
	if err != nil {
		return Answer{}, err
	}
	told := refusal(res, b)
	if res.StatusCode != http.StatusCreated && res.StatusCode != http.StatusAccepted { // 200 and 204 are failures to the app
		return Answer{}, told
	}
	return Answer{Status: res.StatusCode, Message: told.Message, Posts: 1}, nil
}

const boundary = "----collecttest-5f0c1e8d3b7a"

var quotes = strings.NewReplacer(`\`, `\\`, `"`, `\"`)

// Body is a post as the app writes it: names as raw UTF-8, the record first.
func Body(record []byte, files []File, incomplete bool) (kind string, body []byte) {
	var b bytes.Buffer
	w := multipart.NewWriter(&b)
	_ = w.SetBoundary(boundary) // a constant that is one
	part := func(name, file, kind string, content []byte) {
		h := textproto.MIMEHeader{}
		disposition := `form-data; name="` + quotes.Replace(name) + `"`
		if file != "" {
			disposition += `; filename="` + quotes.Replace(file) + `"`
		}
		h.Set("Content-Disposition", disposition)
		if kind != "" {
			h.Set("Content-Type", kind)
		}
		p, _ := w.CreatePart(h) // a buffer takes everything
		_, _ = p.Write(content)
	}
	part("xml_submission_file", "record.xml", "text/xml", record)
	for _, f := range files {
		part(f.Name, f.Name, f.Type, f.Bytes)
	}
	if incomplete {
		part("*isIncomplete*", "", "", []byte("yes"))
	}
	_ = w.Close()
	return w.FormDataContentType(), b.Bytes()
}

// Cut sends the beginning of a post and lets the connection drop, as a phone that leaves the network. It works over
// plain HTTP and with a token in the path.
func (c *Client) Cut(ctx context.Context, after int, record []byte, files ...File) error {
	kind, body := Body(record, files, false)
	r, err := c.request(ctx, http.MethodPost, c.Server+"/submission", kind, body)
	if err != nil {
		return err
	}
	return c.raw(ctx, r, body, func(conn net.Conn) error {
		_, err := conn.Write(body[:min(after, len(body))])
		return err
	})
}

// Slow sends a post in pieces with a pause after each, and gives the status line of the answer.
func (c *Client) Slow(ctx context.Context, pieces int, pause time.Duration, record []byte, files ...File) (status string, err error) {
	kind, body := Body(record, files, false)
	r, err := c.request(ctx, http.MethodPost, c.Server+"/submission", kind, body)
	if err != nil {
		return "", err
	}
	err = c.raw(ctx, r, body, func(conn net.Conn) error {
		size := (len(body) + pieces - 1) / pieces
		for at := 0; at < len(body); at += size {
			if _, err := conn.Write(body[at:min(at+size, len(body))]); err != nil {
				return err
			}
			time.Sleep(pause)
		}
		answer := make([]byte, 64)
		n, err := conn.Read(answer)
		status, _, _ = strings.Cut(string(answer[:n]), "\r\n")
		return err
	})
	return status, err
}

// raw writes the head of a request to a connection of its own and leaves the rest to send.
func (c *Client) raw(ctx context.Context, r *http.Request, body []byte, send func(net.Conn) error) error {
	var dial net.Dialer
	conn, err := dial.DialContext(ctx, "tcp", r.URL.Host)
	if err != nil {
		return err
	}
	defer conn.Close()
	var head bytes.Buffer
	fmt.Fprintf(&head, "POST %s HTTP/1.1\r\nHost: %s\r\nContent-Length: %d\r\n", r.URL.RequestURI(), r.URL.Host, len(body))
	_ = r.Header.Write(&head) // a buffer takes everything
	head.WriteString("\r\n")
	if _, err := conn.Write(head.Bytes()); err != nil {
		return err
	}
	return send(conn)
}

// Encrypt makes of a record what the app sends where a form carries a public key: a manifest in the record's place,
// and every file encrypted, the record last.
func Encrypt(public, form, version, instance string, record []byte, files ...File) (manifest []byte, sealed []File, err error) {
	plain := make([]seal.ODKFile, 0, len(files)+1)
	for _, f := range files {
		plain = append(plain, seal.ODKFile{Name: f.Name, Bytes: f.Bytes})
	}
	plain = append(plain, seal.ODKFile{Name: "submission.xml", Bytes: record})
	m, secret, err := seal.EncryptSubmission(public, form, version, instance, plain)
	if err != nil {
		return nil, nil, err
	}
	var b bytes.Buffer
	b.WriteString(`<data xmlns="http://www.opendatakit.org/xforms/encrypted" encrypted="yes" id="` + escaped(form) + `" version="` + escaped(version) + `">`)
	b.WriteString(`<base64EncryptedKey>` + m.Key + `</base64EncryptedKey>`)
	b.WriteString(`<orx:meta xmlns:orx="http://openrosa.org/xforms"><orx:instanceID>` + escaped(instance) + `</orx:instanceID></orx:meta>`)
	for k, f := range secret {
		sealed = append(sealed, File{Name: f.Name + ".enc", Type: "application/octet-stream", Bytes: f.Bytes})
		if k < len(secret)-1 {
			b.WriteString(`<media><file>` + escaped(f.Name+".enc") + `</file></media>`)
		}
	}
	b.WriteString(`<encryptedXmlFile>` + escaped(secret[len(secret)-1].Name+".enc") + `</encryptedXmlFile>`)
	b.WriteString(`<base64EncryptedElementSignature>` + m.Signature + `</base64EncryptedElementSignature></data>`)
	return b.Bytes(), sealed, nil
}

func escaped(s string) string {
	var b strings.Builder
	_ = xml.EscapeText(&b, []byte(s)) // a builder takes everything
	return b.String()
}
