// Package pdf knows how to print a page of HTML as a tagged and outlined PDF with a Chromium of this machine. It
// must not know what the page says, and it lets the page reach nothing: no network, no files, no script.
//
//	out, err := pdf.Print(ctx, page, pdf.Options{})
//	if errors.Is(err, fault.Unavailable) { ... } // no Chromium here; the HTML prints well from any browser
//
// Chromium starts in seconds and prints in half of one, so several pages are printed by one Press.
package pdf

import (
	"context"
	"errors"
	"fmt"
	"os/exec"
	"runtime"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/fetch"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"

	"waymark/fault"
)

const (
	CodeNoBrowser fault.Code = "pdf.no-browser" // no Chromium was found
	CodeFailed    fault.Code = "pdf.failed"     // Chromium would not start, or not print in time
)

// DefaultTimeout bounds the printing of one page, and the start of Chromium.
const DefaultTimeout = 60 * time.Second

// Options say how to print.
type Options struct {
	Browser string        // program to use; "" finds one
	Timeout time.Duration // for one page; 0 is DefaultTimeout
}

// Find gives the path of a Chromium, or an issue of kind fault.Unavailable.
func Find() (string, error) {
	for _, name := range names() {
		if path, err := exec.LookPath(name); err == nil {
			return path, nil
		}
	}
	return "", fault.Issue{Code: CodeNoBrowser, Kind: fault.Unavailable}
}

// names are what Chromium and its kin are called.
func names() []string {
	list := []string{"chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "headless-shell", "headless_shell",
		"chrome", "microsoft-edge", "microsoft-edge-stable", "msedge"}
	switch runtime.GOOS {
	case "darwin":
		list = append(list, "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome", "/Applications/Chromium.app/Contents/MacOS/Chromium",
			"/Applications/Microsoft Edge.app/Contents/MacOS/Microsoft Edge")
	case "windows":
		list = append(list, `C:\Program Files\Google\Chrome\Application\chrome.exe`, `C:\Program Files (x86)\Google\Chrome\Application\chrome.exe`,
			`C:\Program Files (x86)\Microsoft\Edge\Application\msedge.exe`, `C:\Program Files\Microsoft\Edge\Application\msedge.exe`)
	}
	return list
}

// silent keeps the library from writing to standard error: what matters comes back as an error.
var silent = chromedp.WithErrorf(func(string, ...any) {})

// Print prints one page. See Press for several.
func Print(ctx context.Context, html []byte, o Options) ([]byte, error) {
	press, err := Open(ctx, o)
	if err != nil {
		return nil, err
	}
	defer press.Close()
	return press.Print(ctx, html)
}

// Press is a running Chromium. Close ends it; so does the end of the context it was opened with.
type Press struct {
	ctx     context.Context // of the browser: chromedp keeps its connection there
	end     context.CancelFunc
	timeout time.Duration
}

// Open starts Chromium with neither network nor files. The error is an issue of kind fault.Unavailable.
func Open(ctx context.Context, o Options) (*Press, error) {
	if o.Timeout <= 0 {
		o.Timeout = DefaultTimeout
	}
	if o.Browser == "" {
		path, err := Find()
		if err != nil {
			return nil, err
		}
		o.Browser = path
	}
	flags := append(chromedp.DefaultExecAllocatorOptions[:],
		chromedp.ExecPath(o.Browser),
		chromedp.Flag("host-resolver-rules", "MAP * ~NOTFOUND"),
		chromedp.Flag("proxy-server", "http://127.0.0.1:9"), // the discard port: an address in figures leads nowhere either
		chromedp.Flag("proxy-bypass-list", "<-loopback>"),
		chromedp.Flag("disable-quic", true),
		chromedp.Flag("disable-gpu", true),
		chromedp.Flag("disable-component-update", true),
		chromedp.Flag("disable-crash-reporter", true),
		chromedp.Flag("no-pings", true),
		chromedp.WSURLReadTimeout(o.Timeout),
	)
	// As root Chromium runs only without its sandbox, and chromedp leaves it out then and only then.
	alloc, endAlloc := chromedp.NewExecAllocator(ctx, flags...)
	tab, endTab := chromedp.NewContext(alloc, silent)
	p := &Press{ctx: tab, timeout: o.Timeout, end: func() { endTab(); endAlloc() }}
	if err := p.within(ctx, func(context.Context) error { return chromedp.Run(tab) }); err != nil {
		p.end()
		return nil, failed("start", err)
	}
	return p, nil
}

// Close ends Chromium and waits until its process and its temporary folder are gone.
func (p *Press) Close() { p.end() }

// Print prints one page on A4 unless its style sheet says another size. The PDF is tagged and outlined and has
// the page's language. Page numbers and running feet are the style sheet's.
func (p *Press) Print(ctx context.Context, html []byte) ([]byte, error) {
	var out []byte
	err := p.within(ctx, func(limit context.Context) error {
		tab, end := chromedp.NewContext(p.ctx)
		defer end()
		stop := context.AfterFunc(limit, end)
		defer stop()
		refuse(tab)
		return chromedp.Run(tab,
			network.Enable(),
			fetch.Enable(),
			emulation.SetScriptExecutionDisabled(true),
			chromedp.ActionFunc(func(ctx context.Context) error {
				tree, err := page.GetFrameTree().Do(ctx)
				if err != nil {
					return err
				}
				return page.SetDocumentContent(tree.Frame.ID, string(html)).Do(ctx)
			}),
			chromedp.ActionFunc(func(ctx context.Context) (err error) {
				out, _, err = page.PrintToPDF().
					WithPreferCSSPageSize(true).
					WithPrintBackground(true).
					WithPaperWidth(210 / 25.4).WithPaperHeight(297 / 25.4).
					WithGenerateTaggedPDF(true).
					WithGenerateDocumentOutline(true).
					Do(ctx)
				return err
			}))
	})
	if err != nil {
		return nil, failed("print", err)
	}
	return out, nil
}

// refuse answers every request of a page with a failure: what a page needs stands in it.
func refuse(tab context.Context) {
	chromedp.ListenTarget(tab, func(event any) {
		paused, ok := event.(*fetch.EventRequestPaused)
		if !ok {
			return
		}
		go func() { // a listener may not wait for an answer; this ends with the tab
			c := chromedp.FromContext(tab)
			_ = fetch.FailRequest(paused.RequestID, network.ErrorReasonBlockedByClient).Do(cdp.WithExecutor(tab, c.Target))
		}()
	})
}

// within runs do until the caller's context or the time limit ends.
func (p *Press) within(ctx context.Context, do func(context.Context) error) error {
	limit, end := context.WithTimeout(ctx, p.timeout)
	defer end()
	done := make(chan error, 1)
	go func() { done <- do(limit) }()
	select {
	case err := <-done:
		if limit.Err() != nil {
			return limit.Err()
		}
		return err
	case <-limit.Done():
		return limit.Err()
	}
}

// failed is the issue of a Chromium that did not do its work; the caller's own cancelling stays what it is.
func failed(step string, err error) error {
	if errors.Is(err, context.Canceled) {
		return fmt.Errorf("%s with Chromium: %w", step, err)
	}
	return fmt.Errorf("%s with Chromium: %w", step, errors.Join(fault.Issue{Code: CodeFailed, Kind: fault.Unavailable}, err))
}
