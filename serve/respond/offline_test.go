package respond_test

import (
	"strings"
	"testing"
	"time"
)

// Filled in with a network, filled in without one, and both arrive once; what waits is sealed, and no answer stands
// anywhere in the browser's folder.
func TestOffline(t *testing.T) {
	s := open(t)
	s.visit(t, "arrivals")
	s.until(t, "ready without a network", `document.querySelector('.wm-line').textContent.startsWith('Ready')`)
	s.picture(t, "arrivals-en")

	s.write(t, "Canary-Awa-4711", "Canary-story-4712")
	s.press(t, "Send")
	s.until(t, "arrived", `document.querySelector('.wm-notice').textContent.startsWith('Sent')`)
	if got := s.bodies(); len(got) != 1 || !strings.Contains(got[0], "Canary-story-4712") {
		t.Fatalf("%d records", len(got))
	}
	s.quiet(t)

	s.cut(t, true)
	for _, text := range []string{"Canary-Bintou-4713", "Canary-Coumba-4714"} {
		s.write(t, text, text)
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
	s.search(t, "Canary-Awa", "Canary-story", "Canary-Bintou", "Canary-Coumba")

	s.cut(t, false)
	s.until(t, "all have arrived", `new Promise((r) => { const a = indexedDB.open('waymark'); a.onsuccess = () => { const n = a.result.transaction('outbox').objectStore('outbox').count(); n.onsuccess = () => r(n.result === 0); }; })`)
	got := strings.Join(s.bodies(), "\n")
	for _, mark := range []string{"Canary-Awa-4711", "Canary-Bintou-4713", "Canary-Coumba-4714"} {
		if strings.Count(got, "<name>"+mark+"</name>") != 1 {
			t.Errorf("%s arrived %d times", mark, strings.Count(got, mark))
		}
	}
	if s.aside != 0 {
		t.Errorf("%d set aside", s.aside)
	}
	time.Sleep(500 * time.Millisecond) // for what the browser writes late
	s.search(t, "Canary-Awa", "Canary-story", "Canary-Bintou", "Canary-Coumba")
}
