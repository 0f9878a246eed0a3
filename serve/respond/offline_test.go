package respond_test

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"

	"waymark/collect"
)

// Filled in with a network, filled in without one, and both arrive once; what waits is sealed, and no answer stands
// anywhere in the browser's folder.
func inOffline(t *testing.T, b *browser) {
	s := b.open(t)
	s.visit(t, "arrivals")
	s.until(t, "ready without a network", `document.querySelector('.wm-line').textContent.startsWith('Ready')`)
	// what the search is to find: that it can
	s.run(t, chromedp.Evaluate(`localStorage.setItem('control', 'Control-mark-7811'); new Promise((r) => { const a = indexedDB.open('control', 1); a.onupgradeneeded = () => a.result.createObjectStore('x').put('Control-mark-7812', 1); a.onsuccess = () => r(0); })`, nil))

	s.write(t, "Canary-Awa-4711", "Canary-story-4712")
	s.press(t, "Send")
	s.until(t, "arrived", `document.querySelector('.wm-notice').textContent.startsWith('Sent')`)
	if got := s.arrived(t); len(got) != 1 || !strings.Contains(got[0], "Canary-story-4712") {
		t.Fatalf("%d records", len(got))
	}
	s.quiet(t)

	s.cut(t, true)
	photo := filepath.Join(t.TempDir(), "site.png")
	if err := os.WriteFile(photo, append(square(t), "Canary-photo-4715"...), 0o600); err != nil {
		t.Fatal(err)
	}
	for n, text := range []string{"Canary-Bintou-4713", "Canary-Coumba-4714"} {
		s.write(t, text, text)
		if n == 1 {
			s.run(t, chromedp.SetUploadFiles(`.odk-form input[type=file]`, []string{photo}, chromedp.NodeReady))
			s.until(t, "the picture is shown", `[...document.images].filter((i) => i.src.startsWith('blob:')).length > 1`)
		}
		s.press(t, "Send")
		s.until(t, "waits", `document.querySelector('.wm-notice').textContent.includes('wait')`)
		s.until(t, "a new form", `[...document.querySelectorAll('.odk-form textarea')].every((f) => f.value === '')`)
	}
	s.picture(t, "arrivals-waiting")
	waiting := s.outbox(t)
	if len(waiting) != 2 {
		t.Fatalf("%d records wait", len(waiting))
	}
	for _, w := range waiting {
		if !strings.HasPrefix(w, "WMO1") || strings.Contains(w, "Canary") || strings.Contains(w, "instanceID") {
			t.Error("what waits is not sealed")
		}
	}

	// the page opens without a network, in a new tab's stead
	s.visit(t, "arrivals?lang=fr")
	s.until(t, "French", `document.querySelector('.wm-line').textContent.startsWith('Pas de réseau')`)
	if n := len(s.outbox(t)); n != 2 {
		t.Errorf("%d records wait after the page was opened again", n)
	}
	s.picture(t, "arrivals-offline-fr")
	s.search(t, "Canary-Awa", "Canary-story", "Canary-Bintou", "Canary-Coumba", "Canary-photo")

	s.cut(t, false)
	s.until(t, "all have arrived", `new Promise((r) => { const a = indexedDB.open('waymark'); a.onsuccess = () => { const n = a.result.transaction('outbox').objectStore('outbox').count(); n.onsuccess = () => r(n.result === 0); }; })`)
	got := strings.Join(s.arrived(t), "\n")
	for _, mark := range []string{"Canary-Awa-4711", "Canary-Bintou-4713", "Canary-Coumba-4714"} {
		if strings.Count(got, "<name>"+mark+"</name>") != 1 {
			t.Errorf("%s arrived %d times", mark, strings.Count(got, mark))
		}
	}
	if n := s.aside(t); n != 0 {
		t.Errorf("%d set aside", n)
	}
	for _, mark := range []string{"Control-mark-7811", "Control-mark-7812"} { // a browser writes late
		if !s.stands(mark) {
			t.Errorf("%s was kept by the browser and not found", mark)
		}
	}
	s.search(t, "Canary-Awa", "Canary-story", "Canary-Bintou", "Canary-Coumba", "Canary-photo")
	s.plain(t, "Canary-Awa", "Canary-story", "Canary-Bintou", "Canary-Coumba", "Canary-photo")
	s.files(t, "Canary-Coumba-4714")
}

// files asks the store for the picture of the record that was sent with one.
func (s *site) files(t *testing.T, of string) {
	t.Helper()
	for _, body := range s.arrived(t) {
		if !strings.Contains(body, of) {
			continue
		}
		id := instanceID.FindStringSubmatch(body)[1]
		r, err := s.Record(t.Context(), readerOf(s.project), s.project, "arrivals", id, collect.Published)
		if err != nil || len(r.Attachments) != 1 || r.Attachments[0].Digest == "" {
			t.Errorf("attachments %v, %v", r.Attachments, err)
		}
		return
	}
	t.Error("the record with a picture has not arrived")
}

var instanceID = regexp.MustCompile(`instanceID>(.*?)</`)
