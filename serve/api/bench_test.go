package api_test

import (
	"encoding/base64"
	"fmt"
	"io"
	"net/http"
	"os"
	"runtime"
	"sync"
	"testing"
	"time"

	"waymark/collect"
	"waymark/trust/access"
)

// BenchmarkReading sends 100,000 records with two rows of a repeat each (WAYMARK_BENCH_RECORDS sets another number) and
// reads them out as programs do. Sending takes minutes; it is not measured.
func BenchmarkReading(b *testing.B) {
	n := 100_000
	if s := os.Getenv("WAYMARK_BENCH_RECORDS"); s != "" {
		fmt.Sscan(s, &n)
	}
	o := begin(b)
	o.publish()
	began := time.Now()
	var wg sync.WaitGroup
	work := make(chan int)
	by, _, err := o.desk.Session(b.Context(), o.tokens[access.Manager])
	if err != nil {
		b.Fatal(err)
	}
	for range 16 {
		wg.Go(func() {
			for i := range work {
				raw := []byte(record(fmt.Sprintf("uuid:%08d", i), 18+i%60, "food water", "A", "B"))
				if _, err := o.desk.Accept(b.Context(), by, collect.Sent{Project: o.project, Form: "arrivals", Raw: raw}); err != nil {
					b.Error(err)
				}
			}
		})
	}
	for i := range n {
		work <- i
	}
	close(work)
	wg.Wait()
	b.Logf("%d records sent in %s", n, time.Since(began).Round(time.Second))
	for _, c := range []struct{ name, path string }{
		{"OData all main rows", "/forms/arrivals.svc/Submissions"},
		{"OData main $top=1", "/forms/arrivals.svc/Submissions?$top=1"},
		{"OData repeat $top=1", "/forms/arrivals.svc/Submissions.home.person?$top=1"},
		{"OData repeat $top=250", "/forms/arrivals.svc/Submissions.home.person?$top=250"},
		{"OData main $skip=90000 $top=250", "/forms/arrivals.svc/Submissions?$skip=90000&$top=250"},
		{"OData main $skiptoken $top=250", "/forms/arrivals.svc/Submissions?$top=250&$skiptoken=" + token(n*9/10)},
		{"OData main $filter on an answer", "/forms/arrivals.svc/Submissions?$filter=age+eq+20&$top=250"},
		{"OData main $expand", "/forms/arrivals.svc/Submissions?$expand=*"},
		{"CSV zip", "/forms/arrivals/submissions.csv.zip?attachments=false"},
		{"CSV zip split", "/forms/arrivals/submissions.csv.zip?attachments=false&splitSelectMultiples=true"},
		{"CSV", "/forms/arrivals/submissions.csv"},
		{"XLSX", "/forms/arrivals/submissions.xlsx"},
		{"Parquet", "/forms/arrivals/submissions.parquet"},
	} {
		b.Run(c.name, func(b *testing.B) {
			var bytes int64
			for b.Loop() {
				bytes = o.drain(c.path)
			}
			b.ReportMetric(float64(bytes)/1e6, "MB")
			var m runtime.MemStats
			runtime.ReadMemStats(&m)
			b.ReportMetric(float64(m.Sys)/1e6, "MB-of-process")
		})
	}
}

func (o *office) drain(path string) int64 {
	r, _ := http.NewRequest("GET", o.URL+o.path("%s", path), nil)
	r.Header.Set("Authorization", "Bearer "+o.tokens[access.Manager])
	r.Header.Set("Accept-Encoding", "identity")
	resp, err := http.DefaultClient.Do(r)
	if err != nil || resp.StatusCode != 200 {
		o.t.Fatal(err, resp)
	}
	defer resp.Body.Close()
	n, err := io.Copy(io.Discard, resp.Body)
	if err != nil {
		o.t.Fatal(err)
	}
	return n
}

// token goes on behind a record, as nextLink does.
func token(record int) string {
	return "01" + base64.RawURLEncoding.EncodeToString(fmt.Appendf(nil, `{"r":%d,"n":1}`, record))
}
