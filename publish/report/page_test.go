package report_test

import (
	"os"
	"path/filepath"
	"testing"

	"waymark/lang"
	"waymark/publish/report"
)

func render(t testing.TB, doc report.Document, tag string) string {
	t.Helper()
	page, err := report.Render(doc, printer(t, tag))
	if err != nil {
		t.Fatal(err)
	}
	return string(page)
}

// TestSample leaves the sample pages where WAYMARK_SAMPLE says, for the eyes of whoever changes the page.
func TestSample(t *testing.T) {
	for _, tag := range lang.Tags() {
		page := render(t, sample(t), tag)
		if dir := os.Getenv("WAYMARK_SAMPLE"); dir != "" {
			if err := os.WriteFile(filepath.Join(dir, "sample."+tag+".html"), []byte(page), 0o644); err != nil {
				t.Fatal(err)
			}
		}
	}
}
