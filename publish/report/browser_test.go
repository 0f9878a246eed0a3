package report_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"waymark/lang"
	"waymark/publish/pdf"
	"waymark/publish/pdf/browsertest"
)

// axeRules are the rules that a page is held to: WCAG 2.2 A and AA, and the good practice about landmarks,
// headings and labels.
const axeRules = `{runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}`

// browserPages are the pages under test: the sample in both languages, and every HTML file of the folder
// that WAYMARK_PAGES names.
func browserPages(t *testing.T) map[string][]byte {
	t.Helper()
	pages := map[string][]byte{}
	for _, tag := range lang.Tags() {
		pages["sample-"+tag] = []byte(render(t, sample(t), tag))
	}
	if dir := os.Getenv("WAYMARK_PAGES"); dir != "" {
		names, _ := filepath.Glob(filepath.Join(dir, "*.html"))
		for _, name := range names {
			raw, err := os.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			pages[strings.TrimSuffix(filepath.Base(name), ".html")] = raw
		}
	}
	return pages
}

// browser starts Chromium for a test.
func browser(t *testing.T) context.Context {
	t.Helper()
	path, err := pdf.Find()
	if err != nil {
		t.Skip("chromium is missing: browser tests of the report skipped; apt-get install chromium")
	}
	flags := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(path), chromedp.Flag("disable-gpu", true),
		chromedp.Flag("disable-quic", true), chromedp.Flag("disable-component-update", true), chromedp.WSURLReadTimeout(time.Minute))
	alloc, endAlloc := chromedp.NewExecAllocator(t.Context(), flags...)
	ctx, end := chromedp.NewContext(alloc, chromedp.WithErrorf(func(string, ...any) {})) // it calls trouble of a tab that has closed an error
	t.Cleanup(func() { end(); endAlloc() })
	if err := chromedp.Run(ctx); err != nil {
		t.Fatal(err)
	}
	return ctx
}

// tab opens a page and gathers what the browser complains of.
func tab(t *testing.T, browser context.Context, html []byte) (context.Context, func() []string) {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/" {
			w.WriteHeader(http.StatusNoContent)
			return
		}
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		_, _ = w.Write(html)
	}))
	t.Cleanup(server.Close)
	ctx, end := chromedp.NewContext(browser)
	t.Cleanup(end)
	ctx, stop := context.WithTimeout(ctx, 3*time.Minute)
	t.Cleanup(stop)
	var mu sync.Mutex
	var complaints []string
	chromedp.ListenTarget(ctx, func(event any) {
		mu.Lock()
		defer mu.Unlock()
		switch e := event.(type) {
		case *log.EventEntryAdded:
			complaints = append(complaints, e.Entry.Text)
		case *runtime.EventExceptionThrown:
			complaints = append(complaints, e.ExceptionDetails.Error())
		case *runtime.EventConsoleAPICalled:
			complaints = append(complaints, string(e.Type))
		}
	})
	if err := chromedp.Run(ctx, log.Enable(), chromedp.Navigate(server.URL+"/")); err != nil {
		t.Fatal(err)
	}
	return ctx, func() []string {
		mu.Lock()
		defer mu.Unlock()
		return complaints
	}
}

// resize gives the tab the window of a phone, a tablet or a desk.
func resize(t *testing.T, ctx context.Context, width int64) {
	t.Helper()
	if err := chromedp.Run(ctx, emulation.SetDeviceMetricsOverride(width, 900, 1, width < 600)); err != nil {
		t.Fatal(err)
	}
}

func evaluate[T any](t *testing.T, ctx context.Context, script string) T {
	t.Helper()
	var out T
	wait := func(p *runtime.EvaluateParams) *runtime.EvaluateParams { return p.WithAwaitPromise(true) }
	if err := chromedp.Run(ctx, chromedp.Evaluate(script, &out, wait)); err != nil {
		t.Fatal(err)
	}
	return out
}

// overflow names the elements that are wider than the window, but for those that scroll by themselves. A drawing
// counts as a whole: what of it lies beyond its frame, the land around a map, is cut off and seen by nobody.
const overflow = `(() => {
	const wide = [...document.querySelectorAll("body *")].filter(e => !e.closest(".scroll") && !e.closest(".vh") && !e.closest(".skip")
		&& !(e.ownerSVGElement && getComputedStyle(e.closest("svg")).overflow == "hidden")
		&& e.getBoundingClientRect().right > document.documentElement.clientWidth + 0.5).map(e => e.tagName + "." + e.className);
	if (document.documentElement.scrollWidth > document.documentElement.clientWidth) wide.push("the page");
	return wide;
})()`

func TestInBrowser(t *testing.T) {
	chromium := browser(t)
	t.Run("a page that breaks its policy is heard", func(t *testing.T) {
		broken := strings.Replace(render(t, sample(t), "en"), "<h1>", `<h1 style="color:red">`, 1)
		_, complaints := tab(t, chromium, []byte(broken))
		for n := 0; len(complaints()) == 0; n++ {
			if n == 100 {
				t.Fatal("the browser does not complain, or nobody listens")
			}
			time.Sleep(20 * time.Millisecond)
		}
	})
	for name, html := range browserPages(t) {
		t.Run(name, func(t *testing.T) {
			ctx, complaints := tab(t, chromium, html)
			for _, width := range []int64{320, 768, 1440} {
				resize(t, ctx, width)
				if wide := evaluate[[]string](t, ctx, overflow); len(wide) > 0 {
					t.Errorf("wider than %d pixels: %v", width, wide)
				}
				if dir := os.Getenv("WAYMARK_SAMPLE"); dir != "" {
					shoot(t, ctx, filepath.Join(dir, fmt.Sprintf("%s-%d.png", name, width)))
				}
			}
			walk(t, ctx)
			if said := complaints(); len(said) > 0 {
				t.Errorf("the browser complains: %v", said)
			}
			t.Run("axe", func(t *testing.T) {
				rules := browsertest.Axe(t)
				evaluate[any](t, ctx, rules+"; null")
				evaluate[any](t, ctx, `document.querySelectorAll("details").forEach(d => d.open = true); null`)
				for _, width := range []int64{320, 1440} {
					resize(t, ctx, width)
					barriers(t, ctx, width)
				}
			})
		})
	}
}

// barriers runs axe-core on the page.
func barriers(t *testing.T, ctx context.Context, width int64) {
	t.Helper()
	found := evaluate[json.RawMessage](t, ctx, `axe.run(document, `+axeRules+`).then(r => JSON.parse(JSON.stringify({passes: r.passes.length,
		violations: r.violations.map(v => v.id + ": " + v.help + " " + v.nodes.slice(0, 3).map(n => n.html.slice(0, 160) + " " + n.any.concat(n.all, n.none).map(c => c.message).join("; ")).join(" | "))})))`)
	var got struct {
		Passes     int
		Violations []string
	}
	if err := json.Unmarshal(found, &got); err != nil {
		t.Fatal(err)
	}
	if got.Passes < 25 {
		t.Errorf("only %d rules applied", got.Passes)
	}
	for _, v := range got.Violations {
		t.Errorf("at %d pixels: %s", width, v)
	}
}

// walk goes through the page by keyboard: the first stop leads to the content, and every stop is in sight.
func walk(t *testing.T, ctx context.Context) {
	t.Helper()
	press := func(key string) {
		if err := chromedp.Run(ctx, chromedp.KeyEvent(key)); err != nil {
			t.Fatal(err)
		}
	}
	press(kb.Tab)
	if !evaluate[bool](t, ctx, `document.activeElement.className === "skip" && document.activeElement.getBoundingClientRect().left >= 0`) {
		t.Error("the first stop of the keyboard is not the visible link to the content")
	}
	press(kb.Enter)
	if !evaluate[bool](t, ctx, `document.activeElement.id === "main"`) {
		t.Error("the link to the content does not lead there")
	}
	stops := evaluate[int](t, ctx, `document.querySelectorAll("a[href], summary, [tabindex='0']").length`)
	for range min(stops, 60) {
		press(kb.Tab)
		lost := evaluate[string](t, ctx, `(() => { const e = document.activeElement; if (e === document.body) return "";
			const r = e.getBoundingClientRect();
			return r.bottom < 0 || r.top > innerHeight || getComputedStyle(e).outlineStyle === "none" ? e.outerHTML.slice(0, 120) : ""; })()`)
		if lost != "" {
			t.Errorf("a stop of the keyboard is out of sight or shows no focus: %s", lost)
		}
	}
}

// shoot keeps a picture of the whole page.
func shoot(t *testing.T, ctx context.Context, file string) {
	t.Helper()
	var picture []byte
	if err := chromedp.Run(ctx, page.BringToFront(), chromedp.ActionFunc(func(ctx context.Context) (err error) {
		picture, err = page.CaptureScreenshot().WithCaptureBeyondViewport(true).WithFormat(page.CaptureScreenshotFormatPng).Do(ctx)
		return err
	})); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, picture, 0o644); err != nil {
		t.Fatal(err)
	}
}

func TestPrintedPages(t *testing.T) {
	if _, err := pdf.Find(); err != nil {
		t.Skip("chromium is missing: test of the printed report skipped; apt-get install chromium")
	}
	if _, err := exec.LookPath("pdftotext"); err != nil {
		t.Skip("pdftotext is missing: test of the printed report skipped; apt-get install poppler-utils")
	}
	press, err := pdf.Open(t.Context(), pdf.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer press.Close()
	for tag, want := range map[string]struct{ standing, third, data, page string }{
		"en": {"Indicators, not identified victims. · The sample is not random.", "Transit countries, mobile teams", "no finite estimate", "Page 2 of "},
		"fr": {"Des indicateurs, et non des victimes identifiées. · L’échantillon n’est pas aléatoire.", "Pays de transit, équipes", "pas d’estimation finie", "Page 2 sur "},
	} {
		doc := sample(t)
		doc.Sections[1].Blocks = doc.Sections[1].Blocks[1:2] // the odds only in the folded table of a figure
		out, err := press.Print(t.Context(), []byte(render(t, doc, tag)))
		if err != nil {
			t.Fatal(err)
		}
		if dir := os.Getenv("WAYMARK_SAMPLE"); dir != "" {
			if err := os.WriteFile(filepath.Join(dir, "sample."+tag+".pdf"), out, 0o644); err != nil {
				t.Fatal(err)
			}
		}
		read := exec.CommandContext(t.Context(), "pdftotext", "-layout", "-", "-")
		read.Stdin = strings.NewReader(string(out))
		text, err := read.Output()
		if err != nil {
			t.Fatal(err)
		}
		pages := strings.Split(strings.TrimSuffix(string(text), "\f"), "\f")
		if len(pages) < 3 {
			t.Fatalf("%s: %d pages", tag, len(pages))
		}
		if !strings.Contains(pages[0], want.third) {
			t.Errorf("%s: the third finding is not on page one", tag)
		}
		if !strings.Contains(pages[1], want.page) {
			t.Errorf("%s: the second page does not say %q", tag, want.page)
		}
		if !strings.Contains(string(text), want.data) {
			t.Errorf("%s: the folded table of a figure is not printed", tag)
		}
		for n, page := range pages {
			if !strings.Contains(page, want.standing) {
				t.Errorf("%s: the foot of page %d does not say %q", tag, n+1, want.standing)
			}
		}
	}
}
