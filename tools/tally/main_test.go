package main

import (
	"strings"
	"testing"
)

func TestTally(t *testing.T) {
	const a = `{"Action":"run","Package":"w/a","Test":"TestX"}
{"Action":"output","Package":"w/a","Test":"TestX","Output":"=== RUN   TestX\n"}
`
	for _, c := range []struct {
		name, in string
		want     counts
		says     []string
		silent   []string
	}{
		{"nothing", "", counts{}, nil, nil},
		{"passed", a + `{"Action":"output","Package":"w/a","Test":"TestX","Output":"chatter\n"}
{"Action":"pass","Package":"w/a","Test":"TestX"}
{"Action":"pass","Package":"w/a","Elapsed":1.5}`, counts{passed: 1}, []string{"ok    w/a", "1.5 s", "slowest: w/a"}, []string{"chatter", "skipped"}},
		{"failed, told once", a + `{"Action":"output","Package":"w/a","Test":"TestX","Output":"    x_test.go:1: one is not two\n"}
{"Action":"fail","Package":"w/a","Test":"TestX"}
{"Action":"output","Package":"w/a","Output":"exit status 1\n"}
{"Action":"fail","Package":"w/a"}`, counts{failed: 1}, []string{"w/a TestX:", "one is not two", "FAIL  w/a"}, []string{"=== RUN", "exit status"}},
		{"skipped, with its reason", a + `{"Action":"output","Package":"w/a","Test":"TestX","Output":"    x_test.go:1: no chromium\n"}
{"Action":"skip","Package":"w/a","Test":"TestX"}
{"Action":"pass","Package":"w/a"}`, counts{skipped: 1}, []string{"skipped: w/a", "no chromium"}, nil},
		{"does not build", `{"ImportPath":"w/a [w/a.test]","Action":"build-output","Output":"a.go:3:1: undefined: b\n"}
{"ImportPath":"w/a [w/a.test]","Action":"build-fail"}
{"Action":"output","Package":"w/a","Output":"FAIL\tw/a [build failed]\n"}
{"Action":"fail","Package":"w/a","FailedBuild":"w/a [w/a.test]"}`, counts{failed: 1}, []string{"undefined: b", "[build failed]"}, nil},
		{"ends outside of a test", `{"Action":"output","Package":"w/a","Output":"panic: no\n"}
{"Action":"fail","Package":"w/a"}`, counts{failed: 1}, []string{"panic: no"}, nil},
		{"the go command complains", "go: cannot find main module\n", counts{failed: 1}, []string{"cannot find main module"}, nil},
		{"a package without tests", `{"Action":"output","Package":"w/a","Output":"?   \tw/a\t[no test files]\n"}
{"Action":"skip","Package":"w/a"}`, counts{}, nil, []string{"skipped"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			var out strings.Builder
			got, err := tally(strings.NewReader(c.in), &out)
			if err != nil || got != c.want {
				t.Errorf("%+v %v, want %+v", got, err, c.want)
			}
			for _, s := range c.says {
				if !strings.Contains(out.String(), s) {
					t.Errorf("does not say %q:\n%s", s, out.String())
				}
			}
			for _, s := range c.silent {
				if strings.Contains(out.String(), s) {
					t.Errorf("says %q:\n%s", s, out.String())
				}
			}
		})
	}
}
