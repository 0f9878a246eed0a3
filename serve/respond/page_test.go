package respond_test

import (
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/chromedp"
	"waymark/publish/pdf/browsertest"
)

// axeRules are what a page is held to: WCAG 2.2 A and AA.
const axeRules = `{runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]}`

type finding struct {
	ID    string   `json:"id"`
	Nodes []string `json:"nodes"`
}

// accessible runs axe-core on the page as it stands.
func (s *site) accessible(t *testing.T, source, what string) {
	t.Helper()
	s.run(t, chromedp.Evaluate(source+";0", nil))
	for _, f := range ask[[]finding](t, s, `axe.run(document, `+axeRules+`).then((r) => r.violations.map((v) => ({id: v.id, nodes: v.nodes.map((n) => n.html.slice(0, 160) + ' ' + (n.failureSummary || '').slice(0, 200))})))`) {
		t.Errorf("%s: %s: %s", what, f.ID, strings.Join(f.Nodes, "\n"))
	}
}

func inPages(t *testing.T, b *browser) {
	s := b.open(t)
	source := browsertest.Axe(t)
	// The place of an interview is nobody else's business: a map's tiles stay away, and everything else that is not ours.
	chromedp.ListenTarget(s.tab, func(event any) {
		e, ok := event.(*network.EventRequestWillBeSent)
		if ok && !strings.HasPrefix(e.Request.URL, s.url) && !strings.HasPrefix(e.Request.URL, "data:") && !strings.HasPrefix(e.Request.URL, "blob:") {
			t.Errorf("the page asks for %s", e.Request.URL)
		}
	})
	for _, c := range []struct {
		name, path, lang, dir, line string
		has                         []string
		width                       int64
	}{
		{"arabic-en", "arabic", "ar", "rtl", "Ready", []string{"الوافدون", "هل توافق على المشاركة؟", "Send"}, 1000},
		{"arabic-phone", "arabic", "ar", "rtl", "Ready", []string{"هل توافق على المشاركة؟"}, 360},
		{"arabic-in-english", "arabic?lang=en", "en", "ltr", "Ready", []string{"Do you agree to take part?"}, 1000},
		{"arrivals-en", "arrivals?lang=en", "en", "ltr", "Ready", []string{"What happened?", "Send", "Add", "English (en)"}, 1000},
		{"arrivals-fr", "arrivals?lang=fr", "fr", "ltr", "Prêt", []string{"Que s’est-il passé ?", "Envoyer", "Ajouter", "Choisir une image"}, 1000},
		{"arrivals-phone", "arrivals?lang=fr", "fr", "ltr", "Prêt", []string{"Que s’est-il passé ?"}, 360},
	} {
		t.Run(c.name, func(t *testing.T) {
			s.run(t, emulation.SetDeviceMetricsOverride(c.width, 900, 1, c.width < 600))
			s.visit(t, c.path)
			s.until(t, "ready", `document.querySelector('.wm-line').textContent.startsWith('`+c.line+`')`)
			text := ask[string](t, s, `document.body.innerText`)
			for _, want := range c.has {
				if !strings.Contains(text, want) {
					t.Errorf("the page does not say %q", want)
				}
			}
			if strings.Contains(text, "respond.") {
				t.Error("a code stands on the page instead of words")
			}
			if got := ask[[]string](t, s, `[document.documentElement.lang, document.documentElement.dir]`); got[0] != c.lang || got[1] != c.dir {
				t.Errorf("%v, want %s %s", got, c.lang, c.dir)
			}
			if wide := ask[float64](t, s, `document.documentElement.scrollWidth - innerWidth`); wide > 0 {
				t.Errorf("the page is %v px wider than the window", wide)
			}
			if strings.HasPrefix(c.path, "arabic") {
				s.run(t, chromedp.Evaluate(`[...document.querySelectorAll('.odk-form label')].find((l) => ['نعم', 'Yes'].includes(l.textContent.trim())).click()`, nil))
				s.until(t, "what is asked of who agrees", `[...document.querySelectorAll('.odk-form label')].some((l) => /كم عدد أفراد المجموعة|How many people/.test(l.textContent))`)
			}
			if strings.HasPrefix(c.path, "arrivals") {
				s.until(t, "the picture of the form", `[...document.images].some((i) => i.src.startsWith('blob:') && i.naturalWidth === 40)`)
			}
			if c.name == "arrivals-en" {
				if got := ask[string](t, s, `getComputedStyle([...document.querySelectorAll('.odk-form span')].find((e) => e.textContent === 'happened')).color`); got != "rgb(122, 31, 162)" {
					t.Errorf("a coloured word of a label is %s", got)
				}
			}
			s.picture(t, c.name)
			s.accessible(t, source, c.name)
			s.quiet(t)
		})
	}
	t.Run("what is wrong is said", func(t *testing.T) {
		s.run(t, emulation.SetDeviceMetricsOverride(1000, 900, 1, false))
		s.visit(t, "arrivals?lang=fr")
		s.press(t, "Envoyer")
		s.until(t, "said", `document.body.innerText.includes('Une réponse est nécessaire ici.') && document.body.innerText.includes('1 question est à revoir.')`)
		s.picture(t, "wrong-fr")
		s.accessible(t, source, "wrong")
		if s.posts != 0 {
			t.Error("a record that is not whole was sent")
		}
		s.quiet(t)
	})
}

// The record after one that was sent is asked in the language of the one before, be it of the page or chosen in the form.
func inNext(t *testing.T, b *browser) {
	s := b.open(t)
	s.visit(t, "arrivals?lang=fr")
	for n, what := range []string{"first", "second"} {
		s.write(t, "Awa")
		s.press(t, "Envoyer")
		s.until(t, what+" sent", `document.querySelector('.wm-notice')?.textContent.startsWith('Envoyé')`)
		for end := time.Now().Add(20 * time.Second); len(s.arrived(t)) != n+1; time.Sleep(50 * time.Millisecond) {
			if time.Now().After(end) {
				t.Fatalf("%d records after the %s", len(s.arrived(t)), what)
			}
		}
		s.until(t, "asked in French after the "+what, `document.documentElement.lang === 'fr' && document.querySelector('.odk-form').innerText.includes('Que s’est-il passé ?')`)
	}
}
