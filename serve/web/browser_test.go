package web_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/cdproto/webauthn"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"waymark/collect"
	"waymark/publish/pdf"
	"waymark/publish/pdf/browsertest"
)

// axeRules are the rules that a page is held to: WCAG 2.2 A and AA, and the good practice about landmarks, headings
// and labels.
const axeRules = `{resultTypes: ["violations"], runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}`

// overflow names the elements that are wider than the window, but for those that scroll by themselves.
const overflow = `(() => {
	const edge = document.documentElement.clientWidth + 0.5;
	const wide = [...document.querySelectorAll("body *")].filter(e => !e.closest(".scroll, .vh, .skip, .bytes, svg")
		&& (e.getBoundingClientRect().right > edge || e.getBoundingClientRect().left < -0.5)).map(e => e.tagName + "." + e.className + " " + e.textContent.slice(0, 40));
	if (document.documentElement.scrollWidth > document.documentElement.clientWidth) wide.push("the page");
	return wide;
})()`

// small names what a finger cannot hit: targets under 24 pixels that are no words within a sentence.
const small = `[...document.querySelectorAll("a[href], button, input:not([type=hidden]), select, summary")].filter(e => {
	const r = e.getBoundingClientRect();
	if (!r.width || e.closest(".skip, .vh") || e.tagName == "A" && e.parentElement.closest("p:not(.crumb, .acts, .counts, .links), li, dd, figcaption") && getComputedStyle(e).display == "inline") return false;
	return r.height < 23.5 || r.width < 23.5;
}).map(e => e.outerHTML.slice(0, 100))`

// tab is a browser's tab that gathers complaints.
type tab struct {
	t    *testing.T
	ctx  context.Context
	base string
	axe  string

	lock sync.Mutex
	said []string
}

func openTab(t *testing.T, d *demo) *tab {
	t.Helper()
	path, err := pdf.Find()
	if err != nil {
		t.Skip("chromium is missing: browser tests of the staff pages skipped; apt-get install chromium")
	}
	flags := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(path), chromedp.NoSandbox, chromedp.Flag("disable-gpu", true),
		chromedp.Flag("disable-quic", true), chromedp.Flag("disable-component-update", true), chromedp.Flag("accept-lang", "en"), chromedp.WSURLReadTimeout(time.Minute))
	alloc, endAlloc := chromedp.NewExecAllocator(t.Context(), flags...)
	ctx, end := chromedp.NewContext(alloc, chromedp.WithErrorf(func(string, ...any) {})) // it calls trouble of a tab that has closed an error
	t.Cleanup(func() { end(); endAlloc() })
	p := &tab{t: t, ctx: ctx, base: d.url}
	chromedp.ListenTarget(ctx, func(event any) {
		p.lock.Lock()
		defer p.lock.Unlock()
		switch e := event.(type) {
		case *log.EventEntryAdded:
			if e.Entry.Level != log.LevelVerbose { // advice, as that a passphrase should be kept by the browser
				p.said = append(p.said, e.Entry.Text)
			}
		case *runtime.EventExceptionThrown:
			p.said = append(p.said, e.ExceptionDetails.Error())
		case *runtime.EventConsoleAPICalled:
			p.said = append(p.said, string(e.Type))
		}
	})
	if err := chromedp.Run(ctx, log.Enable()); err != nil { // the browser lives as long as the context it is first run with
		t.Fatal(err)
	}
	return p
}

func (p *tab) run(actions ...chromedp.Action) {
	p.t.Helper()
	ctx, stop := context.WithTimeout(p.ctx, 30*time.Second)
	defer stop()
	if err := chromedp.Run(ctx, actions...); err != nil {
		p.t.Fatal(err)
	}
}

func evaluate[T any](p *tab, script string) T {
	p.t.Helper()
	var out T
	p.run(chromedp.Evaluate(script, &out, func(r *runtime.EvaluateParams) *runtime.EvaluateParams { return r.WithAwaitPromise(true) }))
	return out
}

func (p *tab) open(path string) {
	p.t.Helper()
	p.run(chromedp.Navigate(p.base + path))
}

func (p *tab) resize(width int64) {
	p.t.Helper()
	p.run(emulation.SetDeviceMetricsOverride(width, 900, 1, width < 600))
}

// quiet fails for what the browser complained of since it was asked last.
func (p *tab) quiet() {
	p.t.Helper()
	p.lock.Lock()
	defer p.lock.Unlock()
	for _, s := range p.said {
		p.t.Errorf("the browser complains: %s", s)
	}
	p.said = nil
}

// shoot keeps a picture of the whole page where WAYMARK_SAMPLE names a folder.
func (p *tab) shoot(name string) {
	p.t.Helper()
	dir := os.Getenv("WAYMARK_SAMPLE")
	if dir == "" {
		return
	}
	var picture []byte
	p.run(chromedp.ActionFunc(func(ctx context.Context) (err error) {
		picture, err = page.CaptureScreenshot().WithCaptureBeyondViewport(true).WithFormat(page.CaptureScreenshotFormatPng).Do(ctx)
		return err
	}))
	if err := os.WriteFile(filepath.Join(dir, name+".png"), picture, 0o644); err != nil {
		p.t.Fatal(err)
	}
}

// print checks that a page leaves its frame behind on paper, and keeps the paper where WAYMARK_SAMPLE names a folder.
func (p *tab) print(name string, pictures bool) {
	p.t.Helper()
	p.run(emulation.SetEmulatedMedia().WithMedia("print"))
	if seen := evaluate[[]string](p, `[...document.querySelectorAll(".top, .side, .foot, .on-screen")].filter(e => e.getClientRects().length).map(e => e.className)`); len(seen) > 0 {
		p.t.Errorf("%s on paper shows %v", name, seen)
	}
	p.run(emulation.SetEmulatedMedia().WithMedia(""))
	if !pictures {
		return
	}
	p.run(chromedp.ActionFunc(func(ctx context.Context) error {
		raw, _, err := page.PrintToPDF().WithPreferCSSPageSize(true).Do(ctx)
		if err != nil {
			return err
		}
		return os.WriteFile(filepath.Join(os.Getenv("WAYMARK_SAMPLE"), name+".pdf"), raw, 0o644)
	}))
}

// barriers runs axe-core on the page.
func (p *tab) barriers(name string) {
	p.t.Helper()
	evaluate[any](p, p.axe+"; null")
	found := evaluate[json.RawMessage](p, `axe.run(document, `+axeRules+`).then(r => JSON.parse(JSON.stringify({passes: r.passes.length,
		violations: r.violations.map(v => v.id + ": " + v.help + " " + v.nodes.slice(0, 3).map(n => n.html.slice(0, 160) + " " + n.any.concat(n.all, n.none).map(c => c.message).join("; ")).join(" | "))})))`)
	var got struct {
		Passes     int
		Violations []string
	}
	if err := json.Unmarshal(found, &got); err != nil {
		p.t.Fatal(err)
	}
	if got.Passes < 15 {
		p.t.Errorf("%s: only %d rules applied", name, got.Passes)
	}
	for _, v := range got.Violations {
		p.t.Errorf("%s: %s", name, v)
	}
}

// signIn goes in by the keyboard alone: the first stop leads to the content, each stop shows its focus.
func (p *tab) signIn(email, name string, pictures bool) {
	p.t.Helper()
	p.run(network.ClearBrowserCookies())
	p.open("/projects")
	if at := evaluate[string](p, `location.pathname + location.search`); at != "/sign-in?next=%2Fprojects" {
		p.t.Fatalf("who has not signed in is led to %s", at)
	}
	if p.axe != "" {
		p.look(name, pictures)
		p.resize(1280)
		p.open("/projects")
	}
	p.press(kb.Tab)
	if !evaluate[bool](p, `document.activeElement.className === "skip" && document.activeElement.getBoundingClientRect().left >= 0`) {
		p.t.Error("the first stop of the keyboard is not the visible link to the content")
	}
	p.press(kb.Enter)
	p.press(kb.Tab)
	p.focused("email")
	p.run(chromedp.KeyEvent(email))
	p.press(kb.Tab)
	p.focused("password")
	p.run(chromedp.KeyEvent(demoPassword))
	p.press(kb.Enter)
	p.run(chromedp.WaitVisible(`a[href="/account"]`, chromedp.ByQuery))
	if at := evaluate[string](p, `location.pathname`); at != "/projects" {
		p.t.Fatalf("after signing in the page is %s", at)
	}
}

func (p *tab) press(key string) {
	p.t.Helper()
	p.run(chromedp.KeyEvent(key))
}

func (p *tab) focused(id string) {
	p.t.Helper()
	if have := evaluate[string](p, `document.activeElement.id`); have != id {
		p.t.Fatalf("the keyboard is at %q, not at %q", have, id)
	}
	if evaluate[string](p, `getComputedStyle(document.activeElement).outlineStyle`) == "none" {
		p.t.Errorf("%s shows no focus", id)
	}
}

// language chooses the language of the pages by the account's page.
func (p *tab) language(tag string) {
	p.t.Helper()
	p.open("/account")
	p.run(chromedp.SetValue("#language", tag, chromedp.ByQuery), chromedp.Submit("#language", chromedp.ByQuery), chromedp.WaitVisible(".done", chromedp.ByQuery))
	if have := evaluate[string](p, `document.documentElement.lang`); have != tag {
		p.t.Fatalf("the pages are in %s after %s was chosen", have, tag)
	}
}

// addresses are every page, by a name for its picture; who: the first letter of the role that looks.
func addresses(d *demo) []struct{ name, role, path string } {
	project := fmt.Sprintf("/projects/%d", d.project)
	form := project + "/forms/fms"
	record := form + "/records/" + url.PathEscape(d.ids["instance"])
	edited := form + "/records/" + url.PathEscape(d.ids["edited"])
	return []struct{ name, role, path string }{
		{"projects", "manager", "/projects"}, {"account", "manager", "/account"}, {"project-new", "manager", "/projects/new"},
		{"project", "manager", project}, {"settings", "manager", project + "/settings"},
		{"training", "manager", fmt.Sprintf("/projects/%d", d.project+1)},
		{"forms", "manager", project + "/forms"}, {"upload", "manager", project + "/upload"}, {"form", "manager", form},
		{"form-arabic", "manager", project + "/forms/site_visit"}, {"changes", "manager", form + "/changes?from=2026-10&to=draft"}, {"test", "manager", form + "/test"},
		{"paper", "manager", form + "/paper"}, {"paper-arabic", "manager", project + "/forms/site_visit/paper?in=ar"},
		{"record-forms", "manager", project + "/records"}, {"records", "manager", form + "/records"},
		{"records-filtered", "manager", form + "/records?field1=person%2Fsex&op1=is&value1=female&field2=person%2Fage&op2=least&value2=18&review=approved"},
		{"records-wrong", "manager", form + "/records?field1=person%2Fage&op1=is&value1="},
		{"record", "manager", record}, {"record-open", "manager", record + "?open=1"}, {"history", "manager", edited + "/history"},
		{"history-compared", "manager", edited + "/history?opening=" + d.ids["opening"] + "&from=" + url.QueryEscape(instanceID(20)) + "&to=" + url.QueryEscape(instanceID(920))},
		{"edit", "manager", record + "/edit"},
		{"enumerators", "manager", form + "/enumerators"}, {"flags", "manager", project + "/flags"},
		{"quarantine", "manager", project + "/quarantine"}, {"held-clash", "manager", project + "/quarantine/" + d.ids["clash"]}, {"held", "manager", project + "/quarantine/" + d.ids["held"]},
		{"openings", "manager", project + "/openings"}, {"devices", "manager", project + "/devices"},
		{"entity-lists", "manager", project + "/entities"}, {"entities", "manager", project + "/entities/points"}, {"entity", "manager", project + "/entities/points/" + d.ids["entity"]},
		{"hooks", "manager", project + "/hooks"}, {"deliveries", "manager", project + "/hooks/" + d.ids["hook"]},
		{"exports", "manager", project + "/exports"}, {"reports", "manager", project + "/reports"},
		{"not-found", "manager", project + "/forms/none"}, {"refused", "manager", "/users"},
		{"users", "administrator", "/users"}, {"user", "administrator", "/users/2"}, {"roles", "administrator", "/roles?role=reviewer"}, {"audit", "administrator", "/audit"},
	}
}

// expect takes complaints that a page of a fault brings out of those gathered.
func (p *tab) expect(part string) {
	p.lock.Lock()
	defer p.lock.Unlock()
	p.said = slices.DeleteFunc(p.said, func(s string) bool { return strings.Contains(s, part) })
}

func TestInBrowser(t *testing.T) {
	axe := browsertest.Axe(t)
	pictures := os.Getenv("WAYMARK_SAMPLE") != ""
	for _, tag := range []string{"en", "fr"} { // each with a server and a browser of its own, side by side
		t.Run(tag, func(t *testing.T) {
			t.Parallel()
			d := newDemo(t)
			p := openTab(t, d)
			p.axe = axe
			p.pages(d, tag, pictures)
			if tag == "en" {
				acts(p, d, pictures)
			}
		})
	}
}

// pages walks every page in a language, each as somebody who may see it.
func (p *tab) pages(d *demo, tag string, pictures bool) {
	p.t.Helper()
	role := ""
	for _, a := range addresses(d) {
		if a.role != role {
			role = a.role
			p.resize(1280)
			p.signIn(role+"@example.org", "sign-in-"+tag, pictures)
			p.language(tag)
		}
		p.open(a.path)
		p.look(a.name+"-"+tag, pictures)
		if a.name == "not-found" || a.name == "refused" || a.name == "records-wrong" {
			p.expect("status of") // the browser tells of the status of a page
		}
		p.quiet()
	}
}

// look checks a page at the widths of a phone and a desk.
func (p *tab) look(name string, pictures bool) {
	p.t.Helper()
	if pictures {
		p.resize(1280)
		p.shoot(name)
		p.resize(390)
		p.shoot(name + "-390")
	}
	p.resize(320)
	if wide := evaluate[[]string](p, overflow); len(wide) > 0 {
		p.t.Errorf("%s is wider than 320 pixels: %v", name, wide)
	}
	if targets := evaluate[[]string](p, small); len(targets) > 0 {
		p.t.Errorf("%s has targets under 24 pixels: %v", name, targets)
	}
	p.barriers(name)
}

// acts does what a reviewer and a manager do, with the mouse and with the keyboard.
func acts(p *tab, d *demo, pictures bool) {
	p.resize(1280)
	p.signIn("manager@example.org", "sign-in", false)
	p.language("en")
	project := fmt.Sprintf("/projects/%d", d.project)
	record := project + "/forms/fms/records/" + url.PathEscape(d.ids["instance"])

	p.open(record) // a review by keyboard alone
	p.run(chromedp.Focus("#set-approved", chromedp.ByQuery))
	p.press(" ")
	p.press(kb.Tab)
	p.focused("comment")
	p.run(chromedp.KeyEvent("Looked at with the team."))
	p.press(kb.Tab)
	p.press(kb.Enter)
	p.run(chromedp.WaitVisible(".done", chromedp.ByQuery))
	if r, err := d.Record(background, d.people["manager"], d.project, "fms", d.ids["instance"], false); err != nil || r.Review != "approved" {
		p.t.Errorf("the review by keyboard came to %s: %v", r.Review, err)
	}

	p.open(project + "/devices")
	p.run(chromedp.SetValue("#name", "Phone 9", chromedp.ByQuery), chromedp.Submit("#name", chromedp.ByQuery), chromedp.WaitVisible(".qr", chromedp.ByQuery))
	p.look("token", pictures)
	p.resize(1280)
	if evaluate[bool](p, `document.documentElement.outerHTML.includes("/v1/key/") === false`) {
		p.t.Error("the new device's address is not shown")
	}

	bad := filepath.Join(p.t.TempDir(), "broken.md")
	broken := strings.Replace(surveyRows, "| select_one sexes | sex |", "| select_one nolist | sex |", 1)
	broken = strings.Replace(broken, "${group_size} > 1", "${grp_size} > 1", 1)
	if err := os.WriteFile(bad, []byte(broken), 0o600); err != nil {
		p.t.Fatal(err)
	}
	p.open(project + "/upload")
	p.run(chromedp.SetUploadFiles("#workbook", []string{bad}, chromedp.ByQuery), chromedp.Submit("#workbook", chromedp.ByQuery), chromedp.WaitVisible(".fault", chromedp.ByQuery))
	p.look("upload-broken", pictures)
	p.resize(1280)
	p.expect("status of")
	if n := evaluate[int](p, `document.querySelectorAll(".issues a[href^='#issue-']").length`); n < 2 {
		p.t.Errorf("%d issues lead to their cells", n)
	}

	if evaluate[bool](p, `typeof htmx === "object"`) { // the filter swaps its table in place
		p.open(project + "/forms/fms/records")
		p.run(chromedp.Click(".filter summary", chromedp.ByQuery), chromedp.WaitVisible("#review-approved", chromedp.ByQuery),
			chromedp.Click("#review-approved", chromedp.ByQuery), chromedp.Click(".filter-form .button", chromedp.ByQuery), chromedp.Sleep(500*time.Millisecond))
		if !evaluate[bool](p, `location.search.includes("review=approved") && [...document.querySelectorAll("td .tag[class*=review-]")].every(e => e.classList.contains("review-approved"))`) {
			p.t.Error("the filter did not take its place in the page and the address")
		}
	} else {
		p.t.Log("htmx was not built in: its checks left out; tools/web.sh")
	}

	for name, path := range map[string]string{"paper": "/forms/fms/paper?in=fr", "paper-arabic": "/forms/site_visit/paper?in=ar"} {
		p.open(project + path)
		p.print(name, pictures)
	}
	p.open(project + "/forms/fms/records/" + url.PathEscape(instanceID(16)) + "/edit")
	p.run(chromedp.SetValue(`input[name="answer:person/age"]`, "44", chromedp.ByQuery), chromedp.Submit(`input[name="answer:person/age"]`, chromedp.ByQuery), chromedp.WaitVisible(".done", chromedp.ByQuery))
	if !evaluate[bool](p, `[...document.querySelectorAll(".qa dd")].some(e => e.textContent.trim() === "44") && !!document.querySelector(".head .review-edited")`) {
		p.t.Error("the edit is not on the page of the record")
	}
	p.open(project + "/reports")
	p.run(chromedp.Submit("#plan", chromedp.ByQuery), chromedp.WaitVisible(".choices", chromedp.ByQuery))
	p.look("reports-made", pictures)
	p.run(chromedp.Navigate(p.base + evaluate[string](p, `document.querySelector(".choices a").getAttribute("href")`)))
	if colour := evaluate[string](p, `getComputedStyle(document.querySelector("h1")).color`); colour != "rgb(11, 58, 91)" {
		p.t.Errorf("the report's own style does not hold: %s", colour)
	}
	p.quiet()
}

// TestPasskeys makes a passkey with an authenticator that the browser plays, signs in with it, and removes it.
func TestPasskeys(t *testing.T) {
	d := newDemo(t)
	d.url = strings.Replace(d.url, "127.0.0.1", "localhost", 1) // browsers take passkeys by name only
	p := openTab(t, d)
	p.run(webauthn.Enable(), chromedp.ActionFunc(func(ctx context.Context) error {
		_, err := webauthn.AddVirtualAuthenticator(&webauthn.VirtualAuthenticatorOptions{Protocol: webauthn.AuthenticatorProtocolCtap2, Ctap2version: webauthn.Ctap2versionCtap21,
			Transport: webauthn.AuthenticatorTransportInternal, HasResidentKey: true, HasUserVerification: true, IsUserVerified: true, AutomaticPresenceSimulation: true}).Do(ctx)
		return err
	}))
	p.signIn("reviewer@example.org", "sign-in", false)
	p.open("/account")
	p.run(chromedp.WaitVisible(".passkey button", chromedp.ByQuery), chromedp.Click(".passkey button", chromedp.ByQuery), chromedp.WaitVisible(".done", chromedp.ByQuery))
	if u := d.reviewer(); u.Passkeys != 1 {
		t.Fatalf("%d passkeys", u.Passkeys)
	}
	p.run(network.ClearBrowserCookies())
	p.open("/sign-in?next=%2Faccount")
	p.run(chromedp.WaitVisible(".passkey button", chromedp.ByQuery), chromedp.Click(".passkey button", chromedp.ByQuery), chromedp.WaitVisible(`form[action="/account/passkeys/drop"]`, chromedp.ByQuery))
	p.run(chromedp.Click(`form[action="/account/passkeys/drop"] button`, chromedp.ByQuery), chromedp.WaitVisible(".done", chromedp.ByQuery))
	if u := d.reviewer(); u.Passkeys != 0 {
		t.Errorf("%d passkeys after it was removed", u.Passkeys)
	}
	p.quiet()
	p.run(network.ClearBrowserCookies())
	p.open("/sign-in")
	p.run(chromedp.WaitVisible(".passkey button", chromedp.ByQuery), chromedp.Click(".passkey button", chromedp.ByQuery), chromedp.Poll(`document.querySelector(".passkey [role=alert]").textContent !== ""`, nil))
	if at := evaluate[string](p, `location.pathname`); at != "/sign-in" {
		t.Errorf("a passkey that was removed leads to %s", at)
	}
}

func (d *demo) reviewer() collect.User {
	d.t.Helper()
	users, err := d.Users(background, d.people["administrator"])
	d.must(err)
	for _, u := range users {
		if u.Email == "reviewer@example.org" {
			return u
		}
	}
	d.t.Fatal("no reviewer")
	return collect.User{}
}
