package plan_test

import (
	"fmt"
	"os"
	"reflect"
	"regexp"
	"strings"
	"testing"

	"waymark/study/plan"
)

const page = "../../docs/formats/plan.md"

var example = regexp.MustCompile("(?s)```yaml\n(.*?)```")

// The examples of the format's page are plans.
func TestExamplesOfThePageParse(t *testing.T) {
	text, err := os.ReadFile(page)
	if err != nil {
		t.Fatal(err)
	}
	found := example.FindAllSubmatch(text, -1)
	if len(found) < 2 {
		t.Fatalf("%d examples", len(found))
	}
	for i, e := range found {
		_, issues := plan.Parse(fmt.Sprintf("example %d", i+1), e[1])
		for _, issue := range issues {
			t.Error(issue)
		}
	}
}

// Every key of a plan stands on the format's page.
func TestEveryKeyIsDocumented(t *testing.T) {
	text, err := os.ReadFile(page)
	if err != nil {
		t.Fatal(err)
	}
	said := map[string]bool{}
	for _, m := range regexp.MustCompile("(?m)`([^`\n]+)`|^## (.*)$").FindAllStringSubmatch(string(text), -1) {
		for _, word := range regexp.MustCompile(`[a-z_]+`).FindAllString(m[1]+" "+m[2], -1) {
			said[word] = true
		}
	}
	seen := map[reflect.Type]bool{}
	var look func(reflect.Type)
	look = func(at reflect.Type) {
		switch at.Kind() {
		case reflect.Pointer, reflect.Slice, reflect.Map:
			look(at.Elem())
		case reflect.Struct:
			if seen[at] {
				return
			}
			seen[at] = true
			for i := range at.NumField() {
				key, _, _ := strings.Cut(at.Field(i).Tag.Get("yaml"), ",")
				if key == "-" || key == "" {
					continue
				}
				if !said[key] {
					t.Errorf("%s.%s: key %q is not on the page", at.Name(), at.Field(i).Name, key)
				}
				look(at.Field(i).Type)
			}
		}
	}
	look(reflect.TypeFor[plan.Plan]())
	if len(seen) < 20 {
		t.Errorf("only %d types were looked at", len(seen))
	}
}
