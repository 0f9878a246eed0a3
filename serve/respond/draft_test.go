package respond_test

import (
	"strings"
	"testing"

	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
	"waymark/publish/pdf/browsertest"
)

const passphrase = "four tired camels"

// count counts what a store of the browser holds.
func (s *site) count(t *testing.T, store string) int {
	t.Helper()
	return ask[int](t, s, `new Promise((r) => { const a = indexedDB.open('waymark'); a.onsuccess = () => { const n = a.result.transaction('`+store+`').objectStore('`+store+`').count(); n.onsuccess = () => r(n.result); }; })`)
}

func (s *site) passphrase(t *testing.T, text string) {
	t.Helper()
	s.run(t, chromedp.WaitVisible("#wm-passphrase"), chromedp.Focus("#wm-passphrase"), chromedp.KeyEvent(text+"\r"))
}

// A draft is kept under a passphrase only, opens with it and no other, and is gone once the record is sent; the record
// stands for itself, and replaces none.
func inDraft(t *testing.T, b *browser) {
	s := b.open(t)
	source := browsertest.Axe(t)
	s.visit(t, "arrivals?lang=en")
	s.write(t, "Canary-draft-5811", "Canary-draft-5812")
	if n := s.count(t, "drafts"); n != 0 {
		t.Errorf("%d drafts without a passphrase", n)
	}
	s.press(t, "Keep a draft")
	s.passphrase(t, "short")
	s.until(t, "too short", `document.querySelector('#wm-wrong').textContent.startsWith('Too short')`)
	s.picture(t, "draft-ask")
	s.accessible(t, source, "asking for a passphrase")
	s.passphrase(t, passphrase)
	s.until(t, "kept", `document.querySelector('.wm-notice').textContent === 'The draft is kept.'`)
	if n := s.count(t, "drafts"); n != 1 {
		t.Fatalf("%d drafts", n)
	}
	s.search(t, "Canary-draft", passphrase)

	s.visit(t, "arrivals?lang=en")
	s.press(t, "Go on with this draft")
	s.passphrase(t, "another passphrase")
	s.until(t, "another passphrase is refused", `document.querySelector('#wm-wrong')?.textContent.startsWith('This passphrase')`)
	s.passphrase(t, passphrase)
	s.until(t, "the draft is open", `[...document.querySelectorAll('.odk-form textarea')].some((f) => f.value === 'Canary-draft-5812')`)
	s.picture(t, "draft-open")
	s.accessible(t, source, "a draft")
	s.press(t, "Send")
	s.until(t, "arrived", `document.querySelector('.wm-notice').textContent.startsWith('Sent')`)
	if n := s.count(t, "drafts"); n != 0 {
		t.Errorf("%d drafts after the record was sent", n)
	}
	got := s.arrived(t)
	if len(got) != 1 || !strings.Contains(got[0], "Canary-draft-5811") || strings.Contains(got[0], "deprecatedID>uuid") || s.aside(t) != 0 {
		t.Errorf("%d records, %d set aside", len(got), s.aside(t))
	}
	s.until(t, "a new form", `[...document.querySelectorAll('.odk-form textarea')].every((f) => f.value === '')`)
	s.search(t, "Canary-draft", passphrase)
	s.quiet(t)
}

// A server in trouble is asked again, and two tabs send a record once.
func inWaiting(t *testing.T, b *browser) {
	s := b.open(t)
	s.visit(t, "arrivals?lang=en")
	s.set(func(d *desk) { d.down = true })
	s.write(t, "Canary-wait-6811")
	s.press(t, "Send")
	s.until(t, "waits", `document.querySelector('.wm-notice').textContent.startsWith('One record is sealed and waits')`)
	s.mu.Lock()
	s.complaints = nil // 503 is logged by the browser itself
	s.mu.Unlock()

	other, end := chromedp.NewContext(s.tab)
	defer end()
	if err := chromedp.Run(other, chromedp.Navigate(s.url+"/f/"+s.token+"/arrivals?lang=en"), chromedp.WaitReady(".wm-box button"), page.BringToFront()); err != nil {
		t.Fatal(err)
	}
	s.set(func(d *desk) { d.down = false; d.posts = 0 })
	const sendNow = `[...document.querySelectorAll('button')].find((b) => b.textContent.trim() === 'Send now')?.click()`
	s.run(t, chromedp.Evaluate(sendNow, nil))
	if err := chromedp.Run(other, chromedp.Evaluate(sendNow, nil)); err != nil {
		t.Fatal(err)
	}
	s.until(t, "gone", `new Promise((r) => { const a = indexedDB.open('waymark'); a.onsuccess = () => { const n = a.result.transaction('outbox').objectStore('outbox').count(); n.onsuccess = () => r(n.result === 0); }; })`)
	if got := s.arrived(t); len(got) != 1 || s.aside(t) != 0 {
		t.Errorf("%d records, %d set aside", len(got), s.aside(t))
	}
	s.set(func(d *desk) {
		if d.posts != 1 {
			t.Errorf("two tabs gave the record to the server %d times", d.posts)
		}
	})
	s.search(t, "Canary-wait")
}

// A record that an old link could not send goes by a new one to the same form.
func inNewLink(t *testing.T, b *browser) {
	s := b.open(t)
	s.visit(t, "arrivals?lang=en")
	if err := s.RevokeDevice(t.Context(), office, s.project, s.device); err != nil {
		t.Fatal(err)
	}
	s.write(t, "Awa")
	s.press(t, "Send")
	s.until(t, "refused", `document.querySelector('.wm-box')?.textContent.includes('the link is no longer valid')`)
	s.picture(t, "refused")
	if n := s.count(t, "outbox"); n != 1 {
		t.Fatalf("%d records wait after the link was taken back", n)
	}
	s.run(t, chromedp.Navigate(s.url+"/f/"+s.token+"/arrivals?lang=en"))
	s.until(t, "nothing of a link that was taken back is kept", `caches.open('waymark-forms').then((c) => c.keys()).then((k) => k.length === 0)`)
	_, other := s.link(t)
	s.run(t, chromedp.Navigate(s.url+"/f/"+other+"/arrivals?lang=en"))
	s.until(t, "arrived", `document.querySelector('.wm-notice')?.textContent.startsWith('Sent')`)
	if got := s.arrived(t); len(got) != 1 {
		t.Errorf("%d records", len(got))
	}
}

// On a plain network nothing can be sealed, so nothing is asked.
func inPlain(t *testing.T, b *browser) {
	s := b.open(t)
	s.run(t, chromedp.Navigate(strings.Replace(s.url, "localhost", "plain.example", 1)+"/f/"+s.token+"/arrivals?lang=en"))
	s.until(t, "said", `document.querySelector('[role=alert]')?.textContent.startsWith('This address is not secure')`)
	if ask[bool](t, s, `document.querySelector('.odk-form') !== null`) {
		t.Error("the form is shown on a plain network")
	}
}
