package main

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/csv"
	"encoding/json"
	"encoding/xml"
	"fmt"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"waymark/serve/openrosa/collecttest"
)

// walker is a script's people and phones: who is signed in, and how the server last answered.
type walker struct {
	server string
	people map[string]*http.Client
	tokens map[string]string // of sessions
	phones map[string]*collecttest.Client

	plain     *http.Client // of who is not signed in
	authority []byte
}

// walkerOf gives the walker of a script; each script has its own.
func walkerOf(ts *testscript.TestScript) *walker { return ts.Value(walkerKey{}).(*walker) }

type walkerKey struct{}

func newWalker() *walker {
	return &walker{plain: &http.Client{Timeout: time.Minute}, people: map[string]*http.Client{}, tokens: map[string]string{}, phones: map[string]*collecttest.Client{}}
}

// await waits until a server has written its address to a file, and sets SERVER: await ready.
func await(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: await FILE")
	}
	for range 400 {
		if b, err := os.ReadFile(ts.MkAbs(args[0])); err == nil {
			address := strings.TrimSpace(string(b))
			walkerOf(ts).server = address
			ts.Setenv("SERVER", address)
			return
		}
		time.Sleep(50 * time.Millisecond)
	}
	ts.Fatalf("the server has not written %s after 20 s", args[0])
}

// trust takes over the certificate of the server's authority, as a phone does that is offered it, so that what follows goes
// by https: trust /certificate; with "same" it must be the one that is trusted already.
func trust(ts *testscript.TestScript, neg bool, args []string) {
	w := walkerOf(ts)
	blind := &http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{InsecureSkipVerify: true}}, Timeout: time.Minute}
	res, err := blind.Get(w.server + args[0])
	ts.Check(err)
	defer res.Body.Close()
	authority, err := io.ReadAll(res.Body)
	ts.Check(err)
	if len(args) > 1 && !bytes.Equal(w.authority, authority) {
		ts.Fatalf("the authority is another one")
	}
	w.authority = authority
	pool := x509.NewCertPool()
	if !pool.AppendCertsFromPEM(authority) {
		ts.Fatalf("%s offers no certificate", args[0])
	}
	w.plain = &http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{RootCAs: pool}}, Timeout: time.Minute}
	if _, err := w.plain.Get(w.server + args[0]); (err != nil) != neg {
		ts.Fatalf("by https: %v", err)
	}
}

// signin signs somebody in, with a cookie as browsers have it and a token as programs have it: signin lead EMAIL PASSWORD.
func signin(ts *testscript.TestScript, neg bool, args []string) {
	if len(args) != 3 {
		ts.Fatalf("usage: signin NAME EMAIL PASSWORD")
	}
	w := walkerOf(ts)
	jar, err := cookiejar.New(nil)
	ts.Check(err)
	w.people[args[0]] = &http.Client{Jar: jar, Timeout: time.Minute}
	body, err := json.Marshal(map[string]string{"email": args[1], "password": args[2]})
	ts.Check(err)
	res, err := w.people[args[0]].Post(w.server+"/v1/sessions", "application/json", bytes.NewReader(body))
	ts.Check(err)
	defer res.Body.Close()
	var session struct {
		Token string `json:"token"`
	}
	if err := json.NewDecoder(res.Body).Decode(&session); err == nil && res.StatusCode == http.StatusOK {
		w.tokens[args[0]] = session.Token
	}
	if neg != (res.StatusCode != http.StatusOK) {
		ts.Fatalf("signing in gives %d", res.StatusCode)
	}
}

// ask asks an address as a person and puts what is answered in the file "answer". A status of 400 and more fails, with !
// anything less: ask lead POST /v1/projects application/json project.json. With the type "form" what follows are fields, sent as a
// browser sends them: ask lead POST /projects/1/openings form purpose=analysis.
func ask(ts *testscript.TestScript, neg bool, args []string) {
	if len(args) < 3 {
		ts.Fatalf("usage: ask NAME METHOD PATH [TYPE FILE | form FIELD=VALUE...]")
	}
	w := walkerOf(ts)
	client, token := w.people[args[0]], w.tokens[args[0]]
	if client == nil {
		client = w.plain
	}
	var body io.Reader
	kind := ""
	switch {
	case len(args) > 3 && args[3] == "form":
		values := url.Values{}
		for _, f := range args[4:] {
			name, value, _ := strings.Cut(f, "=")
			values.Add(name, value)
		}
		body, kind = strings.NewReader(values.Encode()), "application/x-www-form-urlencoded"
	case len(args) == 5:
		b, err := os.ReadFile(ts.MkAbs(args[4]))
		ts.Check(err)
		body, kind = bytes.NewReader(b), args[3]
	}
	req, err := http.NewRequest(args[1], w.server+args[2], body)
	ts.Check(err)
	if kind != "" {
		req.Header.Set("Content-Type", kind)
	}
	if strings.HasPrefix(args[2], "/v1/") && token != "" {
		req.Header.Set("Authorization", "Bearer "+token)
	} else {
		req.Header.Set("Sec-Fetch-Site", "same-origin")
	}
	req.Header.Set("Accept-Language", "en")
	res, err := client.Do(req)
	ts.Check(err)
	defer res.Body.Close()
	answer, err := io.ReadAll(res.Body)
	ts.Check(err)
	ts.Check(os.WriteFile(ts.MkAbs("answer"), answer, 0o600))
	ts.Logf("%s %s: %d, %d bytes", args[1], args[2], res.StatusCode, len(answer))
	if neg != (res.StatusCode >= 400) {
		ts.Fatalf("%s %s gives %d: %.600s", args[1], args[2], res.StatusCode, answer)
	}
	ts.Setenv("STATUS", strconv.Itoa(res.StatusCode))
}

// pick sets a variable to a value of the JSON that was last answered: pick TOKEN token, or pick ID 0.id.
func pick(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: pick VARIABLE PATH")
	}
	b, err := os.ReadFile(ts.MkAbs("answer"))
	ts.Check(err)
	var at any
	numbers := json.NewDecoder(bytes.NewReader(b))
	numbers.UseNumber()
	ts.Check(numbers.Decode(&at))
	for _, key := range strings.Split(args[1], ".") {
		switch v := at.(type) {
		case map[string]any:
			at = v[key]
		case []any:
			i, err := strconv.Atoi(key)
			ts.Check(err)
			if i >= len(v) {
				ts.Fatalf("%s: the answer has %d", args[1], len(v))
			}
			at = v[i]
		}
	}
	if at == nil {
		ts.Fatalf("the answer has no %s", args[1])
	}
	ts.Setenv(args[0], fmt.Sprint(at))
}

// scrape sets a variable to what a pattern's brackets hold in what was last answered: scrape ID 'openings/([a-z0-9-]+)'.
func scrape(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: scrape VARIABLE PATTERN")
	}
	b, err := os.ReadFile(ts.MkAbs("answer"))
	ts.Check(err)
	found := regexp.MustCompile(args[1]).FindSubmatch(b)
	if len(found) < 2 {
		ts.Fatalf("the answer does not hold %s", args[1])
	}
	ts.Setenv(args[0], string(found[1]))
}

// phone acts as ODK Collect:
//
//	phone NAME scan ADDRESS                 set up, as a QR code does
//	phone NAME list                         the forms, to the file "answer"
//	phone NAME get FORM FOLDER              a form and its files, each checked by its md5
//	phone NAME send RECORD [PHOTO...]       a record
//	phone NAME fill FORM VERSION TABLE N    the first N rows of a CSV file as records, a photo with each tenth
func phone(ts *testscript.TestScript, neg bool, args []string) {
	if len(args) < 2 {
		ts.Fatalf("usage: phone NAME VERB ...")
	}
	w, ctx := walkerOf(ts), context.Background()
	c := w.phones[args[0]]
	if args[1] == "scan" {
		w.phones[args[0]] = &collecttest.Client{Server: args[2], Device: "collect:" + args[0], Language: "fr"}
		return
	}
	err := func() error {
		switch args[1] {
		case "list":
			forms, err := c.List(ctx, "")
			if err != nil {
				return err
			}
			b, err := json.Marshal(forms)
			ts.Check(err)
			return os.WriteFile(ts.MkAbs("answer"), b, 0o600)
		case "get":
			return phoneGets(ctx, c, args[2], ts.MkAbs(args[3]))
		case "send":
			return phoneSends(ctx, ts, c, args[2:])
		case "fill":
			return phoneFills(ctx, ts, c, args[2:])
		}
		return fmt.Errorf("no verb %s", args[1])
	}()
	if err != nil {
		ts.Logf("phone %s: %v", args[0], err)
	}
	if neg != (err != nil) {
		ts.Fatalf("phone %s %s: %v", args[0], args[1], err)
	}
}

func phoneGets(ctx context.Context, c *collecttest.Client, id, folder string) error {
	forms, err := c.List(ctx, "")
	if err != nil {
		return err
	}
	for _, f := range forms {
		if f.ID != id {
			continue
		}
		if err := os.MkdirAll(folder, 0o700); err != nil {
			return err
		}
		definition, err := c.Fetch(ctx, f.DownloadURL, f.Hash)
		if err != nil {
			return err
		}
		if err := os.WriteFile(filepath.Join(folder, id+".xml"), definition, 0o600); err != nil {
			return err
		}
		media, err := c.Manifest(ctx, f)
		if err != nil {
			return err
		}
		for _, m := range media {
			b, err := c.Fetch(ctx, m.DownloadURL, m.Hash)
			if err != nil {
				return err
			}
			if err := os.WriteFile(filepath.Join(folder, filepath.Base(m.Name)), b, 0o600); err != nil {
				return err
			}
		}
		return nil
	}
	return fmt.Errorf("the list has no form %s", id)
}

func phoneSends(ctx context.Context, ts *testscript.TestScript, c *collecttest.Client, names []string) error {
	record, err := os.ReadFile(ts.MkAbs(names[0]))
	ts.Check(err)
	var files []collecttest.File
	for _, n := range names[1:] {
		b, err := os.ReadFile(ts.MkAbs(n))
		ts.Check(err)
		files = append(files, collecttest.File{Name: filepath.Base(n), Type: "image/jpeg", Bytes: b})
	}
	answer, err := c.Send(ctx, record, files...)
	if err == nil {
		ts.Logf("taken with %d in %d posts", answer.Status, answer.Posts)
	}
	return err
}

// phoneFills makes records of the rows of a table whose columns are named as questions of the form, or of its group
// experience.
func phoneFills(ctx context.Context, ts *testscript.TestScript, c *collecttest.Client, args []string) error {
	if len(args) != 4 {
		ts.Fatalf("usage: phone NAME fill FORM VERSION TABLE N")
	}
	n, err := strconv.Atoi(args[3])
	ts.Check(err)
	f, err := os.Open(ts.MkAbs(args[2]))
	ts.Check(err)
	defer f.Close()
	rows := csv.NewReader(f)
	head, err := rows.Read()
	ts.Check(err)
	for i := range n {
		row, err := rows.Read()
		ts.Check(err)
		var files []collecttest.File
		photo := ""
		if i%10 == 0 {
			photo = fmt.Sprintf("consent-%d.jpg", i)
			files = []collecttest.File{{Name: photo, Type: "image/jpeg", Bytes: []byte("\xff\xd8 photograph of nobody " + photo)}}
		}
		if _, err := c.Send(ctx, walkRecord(args[0], args[1], i, head, row, photo), files...); err != nil {
			return fmt.Errorf("record %d: %w", i, err)
		}
	}
	return nil
}

// experience begins at this column of a simulated survey.
const experience = "unpaid_work"

func walkRecord(form, version string, i int, head, row []string, photo string) []byte {
	var b bytes.Buffer
	element := func(name, value string) {
		b.WriteString("<" + name + ">")
		_ = xml.EscapeText(&b, []byte(value))
		b.WriteString("</" + name + ">")
	}
	fmt.Fprintf(&b, `<data xmlns:orx="http://openrosa.org/xforms" id="%s" version="%s">`, form, version)
	started := time.Date(2016, 5, 1, 8, 0, 0, 0, time.UTC).Add(time.Duration(i) * 23 * time.Minute)
	element("start", started.Format(time.RFC3339))
	element("end", started.Add(time.Duration(11+i%17)*time.Minute).Format(time.RFC3339))
	open := false
	for k, name := range head {
		if name == "consent" {
			element("place", fmt.Sprintf("%.4f %.4f 0 5", 36.1+float64(i%50)/100, 14.2+float64(i%70)/100))
			element("consent_form", photo)
		}
		if name == experience {
			b.WriteString("<experience>")
			open = true
		}
		element(name, row[k])
	}
	if open {
		element("story", fmt.Sprintf("canary story of nobody %d", i))
		b.WriteString("</experience>")
	}
	fmt.Fprintf(&b, "<orx:meta><orx:instanceID>uuid:00000000-0000-4000-8000-%012d</orx:instanceID></orx:meta></data>", i)
	return b.Bytes()
}
