package web

import (
	"bytes"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"testing"
)

func TestWithin(t *testing.T) {
	for address, stays := range map[string]bool{"/projects/1": true, "/projects/1?done=saved&after=3": true, "/f%C3%A9/": true, "": false, "projects": false, "//elsewhere": false,
		"/\\elsewhere": false, "/\t/elsewhere": false, "/\r\n/elsewhere": false, "/ /elsewhere": false, "\t//elsewhere": false, "https://elsewhere": false, "/\x00/elsewhere": false, "/\x7f/elsewhere": false} {
		if got := within(address); (got != "") != stays {
			t.Errorf("%q gives %q", address, got)
		}
	}
}

// A file that is sent to a page goes to no temporary file, where it would lie open: there is no folder for one here.
func TestSentFileIsNotSpilled(t *testing.T) {
	none := filepath.Join(t.TempDir(), "none")
	for _, name := range []string{"TMPDIR", "TMP", "TEMP"} {
		t.Setenv(name, none)
	}
	var body bytes.Buffer
	parts := multipart.NewWriter(&body)
	w, err := parts.CreateFormFile("file", "households.csv")
	if err == nil {
		_, err = w.Write(bytes.Repeat([]byte("household,"), 2e6))
	}
	if err == nil {
		err = parts.Close()
	}
	if err != nil {
		t.Fatal(err)
	}
	r := httptest.NewRequest(http.MethodPost, "/", &body)
	r.Header.Set("Content-Type", parts.FormDataContentType())
	if name, raw, err := (&ask{r: r}).file("file"); err != nil || name != "households.csv" || len(raw) != 20e6 {
		t.Errorf("%s, %d bytes, %v", name, len(raw), err)
	}
}
