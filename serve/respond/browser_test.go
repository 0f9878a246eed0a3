package respond_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io/fs"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"waymark/publish/pdf"
	"waymark/serve/respond"
)

// site is a server with forms and a browser that fills them in.
type site struct {
	*desk
	url     string
	server  *httptest.Server
	profile string // the browser's folder
	tab     context.Context

	mu         sync.Mutex
	complaints []string
	offline    bool
}

// folder is for what a browser keeps. Its last processes may still write when the first has ended, so that it takes
// more than one try to remove.
func folder(t *testing.T) string {
	t.Helper()
	name, err := os.MkdirTemp("", "waymark-browser")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		for range 50 {
			if os.RemoveAll(name) == nil {
				return
			}
			time.Sleep(100 * time.Millisecond)
		}
		t.Error("the browser's folder cannot be removed")
	})
	return name
}

// browser is one Chromium for all tests, which starts slowly; each test has a server, and so an origin, of its own.
type browser struct {
	profile string
	ctx     context.Context
}

// TestInBrowser runs what needs a browser, or skips it and says what is missing.
func TestInBrowser(t *testing.T) {
	if respond.Engine() == "" {
		t.Skip("the web form was left out: browser tests of it skipped; make web")
	}
	path, err := pdf.Find()
	if err != nil {
		t.Skip("chromium is missing: browser tests of the web form skipped; apt-get install chromium")
	}
	b := &browser{profile: folder(t)}
	flags := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(path), chromedp.UserDataDir(b.profile), chromedp.NoSandbox,
		chromedp.Flag("disable-gpu", true), chromedp.Flag("disable-quic", true), chromedp.Flag("disable-component-update", true),
		chromedp.Flag("accept-lang", "en"), chromedp.Flag("host-resolver-rules", "MAP plain.example 127.0.0.1"), chromedp.WindowSize(1000, 1200), chromedp.WSURLReadTimeout(time.Minute))
	alloc, endAlloc := chromedp.NewExecAllocator(context.Background(), flags...)
	ctx, end := chromedp.NewContext(alloc, chromedp.WithErrorf(func(string, ...any) {}))
	t.Cleanup(func() { end(); endAlloc() })
	b.ctx = ctx
	if err := chromedp.Run(ctx); err != nil {
		t.Fatal(err)
	}
	for name, test := range map[string]func(*testing.T, *browser){
		"pages": inPages, "offline": inOffline, "draft": inDraft, "waiting": inWaiting, "new link": inNewLink, "next record": inNext, "plain http": inPlain,
	} {
		t.Run(name, func(t *testing.T) { test(t, b) })
	}
}

// open starts a server and a tab.
func (b *browser) open(t *testing.T) *site {
	t.Helper()
	s := &site{desk: newDesk(t), profile: b.profile}
	serve := s.desk.handler()
	s.server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.mu.Lock()
		off := s.offline
		s.mu.Unlock()
		if off {
			panic(http.ErrAbortHandler)
		}
		serve.ServeHTTP(w, r)
	}))
	s.server.Config.ErrorLog = slog.NewLogLogger(slog.DiscardHandler, slog.LevelError)
	t.Cleanup(s.server.Close)
	s.url = strings.Replace(s.server.URL, "127.0.0.1", "localhost", 1) // a secure context, as https is
	tab, end := chromedp.NewContext(b.ctx)
	t.Cleanup(end)
	s.tab = s.listen(t, tab)
	if err := chromedp.Run(s.tab, log.Enable(), network.Enable(), page.BringToFront()); err != nil {
		t.Fatal(err)
	}
	return s
}

// listen gathers what the browser complains of in a tab.
func (s *site) listen(t *testing.T, ctx context.Context) context.Context {
	t.Helper()
	ctx, stop := context.WithTimeout(ctx, 5*time.Minute)
	t.Cleanup(stop)
	chromedp.ListenTarget(ctx, func(event any) {
		s.mu.Lock()
		defer s.mu.Unlock()
		switch e := event.(type) {
		case *log.EventEntryAdded:
			if s.offline && e.Entry.Source == log.SourceNetwork {
				return // that there is no network is what is being tested
			}
			if !strings.Contains(e.Entry.Text, "'beforeunload'") { // a page that was filled in asks before it is left
				s.complaints = append(s.complaints, e.Entry.Text)
			}
		case *runtime.EventExceptionThrown:
			s.complaints = append(s.complaints, e.ExceptionDetails.Error())
		case *runtime.EventConsoleAPICalled:
			if e.Type == runtime.APITypeError || e.Type == runtime.APITypeWarning {
				text := string(e.Type)
				for _, a := range e.Args {
					text += " " + string(a.Value) + a.Description
				}
				s.complaints = append(s.complaints, text)
			}
		case *page.EventJavascriptDialogOpening:
			go func() { _ = chromedp.Run(ctx, page.HandleJavaScriptDialog(true)) }()
		}
	})
	return ctx
}

func (s *site) quiet(t *testing.T) {
	t.Helper()
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, c := range s.complaints {
		t.Errorf("the browser complains: %s", c)
	}
	s.complaints = nil
}

func (s *site) run(t *testing.T, actions ...chromedp.Action) {
	t.Helper()
	ctx, stop := context.WithTimeout(s.tab, 40*time.Second)
	defer stop()
	if err := chromedp.Run(ctx, actions...); err != nil {
		var text string
		look, stop := context.WithTimeout(s.tab, 5*time.Second)
		defer stop()
		_ = chromedp.Run(look, chromedp.Evaluate(`document.body.innerText.slice(0, 1500)`, &text))
		s.mu.Lock()
		defer s.mu.Unlock()
		t.Fatalf("%v\n%s\n%v", err, text, s.complaints)
	}
}

func ask[T any](t *testing.T, s *site, script string) T {
	t.Helper()
	var out T
	s.run(t, chromedp.Evaluate(script, &out, func(p *runtime.EvaluateParams) *runtime.EvaluateParams { return p.WithAwaitPromise(true) }))
	return out
}

// until waits for a script to be true.
func (s *site) until(t *testing.T, what, script string) {
	t.Helper()
	for end := time.Now().Add(40 * time.Second); time.Now().Before(end); time.Sleep(100 * time.Millisecond) {
		if ask[bool](t, s, "(async () => !!(await ("+script+")))()") {
			return
		}
	}
	text := ask[string](t, s, `document.body.innerText.slice(0, 1500)`)
	s.mu.Lock()
	defer s.mu.Unlock()
	t.Fatalf("%s: not within 40 s\n%s\n%v", what, text, s.complaints)
}

// visit opens a form.
func (s *site) visit(t *testing.T, path string) {
	t.Helper()
	s.run(t, chromedp.Navigate(s.url+"/f/"+s.token+"/"+path))
	s.until(t, "the form is shown", `document.querySelector('.odk-form .question-container, .odk-form input')`)
}

// cut takes the network away, or gives it back: the page is told so, and whoever connects all the same (the service
// worker is no part of the page) finds nobody.
func (s *site) cut(t *testing.T, off bool) {
	t.Helper()
	s.mu.Lock()
	s.offline = off
	s.mu.Unlock()
	s.run(t, network.OverrideNetworkState(off, 0, -1, -1), chromedp.ActionFunc(func(ctx context.Context) error {
		_, err := network.EmulateNetworkConditionsByRule([]*network.Conditions{{Offline: off, DownloadThroughput: -1, UploadThroughput: -1}}).Do(ctx)
		return err
	}))
}

// write fills in the text fields of a form in their order.
func (s *site) write(t *testing.T, texts ...string) {
	t.Helper()
	fields := `[...document.querySelectorAll('.odk-form input[type=text]:not([readonly]):not([disabled]):not([role]), .odk-form textarea')]`
	for n, text := range texts {
		s.run(t, chromedp.Evaluate(fields+`[`+itoa(n)+`].focus()`, nil), chromedp.KeyEvent(text), chromedp.KeyEvent(kb.Tab))
	}
}

func itoa(n int) string { b, _ := json.Marshal(n); return string(b) }

func (s *site) press(t *testing.T, label string) {
	t.Helper()
	q, _ := json.Marshal(label)
	s.until(t, label, `(() => { const b = [...document.querySelectorAll('button')].find((b) => b.textContent.trim() === `+string(q)+`); b?.click(); return b; })()`)
}

// outbox reads what waits: sizes, and the first letters of each item.
func (s *site) outbox(t *testing.T) []string {
	t.Helper()
	return ask[[]string](t, s, `new Promise((resolve, reject) => {
		const ask = indexedDB.open('waymark', 1);
		ask.onerror = () => reject(ask.error);
		ask.onsuccess = () => {
			const all = ask.result.transaction('outbox').objectStore('outbox').getAll();
			all.onsuccess = async () => resolve(await Promise.all(all.result.map(async (w) => new TextDecoder('latin1').decode(await w.sealed.arrayBuffer()))));
		};
	})`)
}

// walk gives every file of a folder.
func walk(folder string, each func(name string, raw []byte)) error {
	return filepath.WalkDir(folder, func(name string, d fs.DirEntry, err error) error {
		if errors.Is(err, fs.ErrNotExist) || err == nil && !d.Type().IsRegular() {
			return nil
		}
		if err != nil {
			return err
		}
		raw, err := os.ReadFile(name)
		if errors.Is(err, fs.ErrNotExist) {
			return nil
		}
		if err == nil {
			each(strings.TrimPrefix(name, folder), raw)
		}
		return err
	})
}

// holds says whether bytes hold a mark, as UTF-8 or as UTF-16.
func holds(raw []byte, mark string) bool {
	wide := make([]byte, 0, 2*len(mark))
	for _, c := range []byte(mark) {
		wide = append(wide, c, 0)
	}
	return bytes.Contains(raw, []byte(mark)) || bytes.Contains(raw, wide)
}

// search looks for marks in every file of the browser's folder.
func (s *site) search(t *testing.T, marks ...string) {
	t.Helper()
	files := 0
	err := walk(s.profile, func(name string, raw []byte) {
		files++
		for _, m := range marks {
			if holds(raw, m) {
				t.Errorf("%s stands in %s", m, name)
			}
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	if files < 20 {
		t.Error("the browser's folder was not found")
	}
}

// stands waits until a mark stands in some file: a browser writes late.
func (s *site) stands(mark string) bool {
	for end := time.Now().Add(40 * time.Second); time.Now().Before(end); time.Sleep(200 * time.Millisecond) {
		found := false
		if err := walk(s.profile, func(_ string, raw []byte) { found = found || holds(raw, mark) }); err == nil && found {
			return true
		}
	}
	return false
}

// picture keeps a screenshot where WAYMARK_SHOTS names a folder.
func (s *site) picture(t *testing.T, name string) {
	t.Helper()
	dir := os.Getenv("WAYMARK_SHOTS")
	if dir == "" {
		return
	}
	var raw []byte
	s.run(t, chromedp.FullScreenshot(&raw, 100))
	if err := os.WriteFile(filepath.Join(dir, name+".png"), raw, 0o644); err != nil {
		t.Fatal(err)
	}
}
