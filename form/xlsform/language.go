package xlsform

import (
	"strings"

	tags "golang.org/x/text/language"
)

// codeOf gives what stands in brackets at the end of a language's name.
func codeOf(name string) string {
	from, to := strings.LastIndexByte(name, '('), strings.LastIndexByte(name, ')')
	if from < 0 || to != len(name)-1 {
		return ""
	}
	return strings.TrimSpace(name[from+1 : to])
}

// registered says whether a language's name ends in a code that phones and readers of pages know: the
// shortest one of the registry of IANA.
func registered(name string) bool {
	code := codeOf(name)
	base, err := tags.ParseBase(code)
	if err == nil {
		return base.String() == code || len(code) == 3 && base.ISO3() != code
	}
	tag, err := tags.Parse(code)
	return err == nil && tag != tags.Und
}
