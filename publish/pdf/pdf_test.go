package pdf_test

import (
	"bytes"
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"waymark/fault"
	"waymark/publish/pdf"
)

func needChromium(t *testing.T) {
	t.Helper()
	if _, err := pdf.Find(); err != nil {
		t.Skip("chromium is missing: PDF printing skipped; apt-get install chromium")
	}
}

func TestPrintIsTaggedAndOutlined(t *testing.T) {
	needChromium(t)
	press, err := pdf.Open(t.Context(), pdf.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer press.Close()
	for _, lang := range []string{"en", "fr"} {
		html := `<!DOCTYPE html><html lang="` + lang + `"><head><title>Rapport</title></head><body><h1>Titre</h1><h2>Partie</h2><p>Texte</p></body></html>`
		out, err := press.Print(t.Context(), []byte(html))
		if err != nil {
			t.Fatal(err)
		}
		for _, want := range []string{"%PDF-", "/StructTreeRoot", "/Outlines", "/Lang (" + lang} {
			if !bytes.Contains(out, []byte(want)) {
				t.Errorf("%s: the PDF has no %s", lang, want)
			}
		}
	}
}

func TestPrintReachesNothing(t *testing.T) {
	needChromium(t)
	var hits atomic.Int32
	server := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { hits.Add(1) }))
	defer server.Close()
	secret := filepath.Join(t.TempDir(), "secret.svg")
	if err := os.WriteFile(secret, []byte(`<svg xmlns="http://www.w3.org/2000/svg" width="900" height="900"/>`), 0o600); err != nil {
		t.Fatal(err)
	}
	html := `<html><head><title>t</title><link rel="stylesheet" href="` + server.URL + `/a.css"></head><body><h1>t</h1>
		<img src="` + server.URL + `/a.png"><iframe src="` + server.URL + `/b"></iframe><img src="file://` + secret + `"><iframe src="file://` + secret + `"></iframe>
		<script>fetch("` + server.URL + `/c"); document.body.innerHTML = "<h1>" + "x".repeat(9e4)</script></body></html>`
	out, err := pdf.Print(t.Context(), []byte(html), pdf.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if n := hits.Load(); n != 0 {
		t.Errorf("the page reached the network %d times", n)
	}
	if pages := bytes.Count(out, []byte("/Type /Page\n")); pages > 1 {
		t.Errorf("the page ran its script: %d pages", pages)
	}
}

func TestCloseLeavesNothingBehind(t *testing.T) {
	needChromium(t)
	if runtime.GOOS != "linux" {
		t.Skip("/proc is missing: search for processes left behind skipped; run on Linux")
	}
	tmp := t.TempDir()
	t.Setenv("TMPDIR", tmp)
	if _, err := pdf.Print(t.Context(), []byte("<title>t</title><p>t"), pdf.Options{}); err != nil {
		t.Fatal(err)
	}
	var left []string
	for range 40 { // helpers of Chromium end by themselves when it has ended
		if left = processes(tmp); len(left) == 0 {
			break
		}
		time.Sleep(50 * time.Millisecond)
	}
	if len(left) > 0 {
		t.Errorf("%d processes left behind", len(left))
	}
	if names, _ := filepath.Glob(filepath.Join(tmp, "chromedp-runner*")); len(names) > 0 {
		t.Errorf("a profile folder was left behind")
	}
}

// processes lists the processes whose command names a folder.
func processes(folder string) []string {
	var out []string
	names, _ := filepath.Glob("/proc/[0-9]*/cmdline")
	for _, name := range names {
		if raw, err := os.ReadFile(name); err == nil && strings.Contains(string(raw), folder) {
			out = append(out, name)
		}
	}
	return out
}

func TestOpenWithoutBrowser(t *testing.T) {
	t.Setenv("PATH", t.TempDir())
	if runtime.GOOS != "linux" {
		t.Skip("other systems keep browsers at fixed places: test of their absence skipped; run on Linux")
	}
	_, err := pdf.Print(t.Context(), []byte("<p>"), pdf.Options{})
	if !errors.Is(err, fault.Unavailable) || len(fault.Of(err)) != 1 || fault.Of(err)[0].Code != pdf.CodeNoBrowser {
		t.Errorf("got %v", err)
	}
	_, err = pdf.Print(t.Context(), []byte("<p>"), pdf.Options{Browser: filepath.Join(t.TempDir(), "none")})
	if !errors.Is(err, fault.Unavailable) || len(fault.Of(err)) != 1 || fault.Of(err)[0].Code != pdf.CodeFailed {
		t.Errorf("got %v", err)
	}
}

func TestPrintEndsInTime(t *testing.T) {
	needChromium(t)
	press, err := pdf.Open(t.Context(), pdf.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer press.Close()
	ctx, cancel := context.WithTimeout(t.Context(), time.Millisecond)
	defer cancel()
	if _, err := press.Print(ctx, []byte(strings.Repeat("<table><tr><td>x</table>", 50000))); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("got %v", err)
	}
	if _, err := press.Print(t.Context(), []byte("<title>t</title><p>after")); err != nil {
		t.Errorf("the press does not print after a page that was given up: %v", err)
	}
}
