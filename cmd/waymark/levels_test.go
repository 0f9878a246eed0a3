package main

import (
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"

	"waymark/dataset"
)

func TestParseLevels(t *testing.T) {
	for text, want := range map[string]map[string][]string{
		"":                     nil,
		"x=a,b":                {"x": {"a", "b"}},
		"x=a, b ; y = no,yes;": {"x": {"a", "b"}, "y": {"no", "yes"}},
		"size=a=b,c":           {"size": {"a=b", "c"}},
	} {
		have, err := parseLevels(text)
		if err != nil {
			t.Errorf("%q: %v", text, err)
		}
		if diff := cmp.Diff(want, have); diff != "" {
			t.Errorf("%q: %s", text, diff)
		}
	}
	for _, text := range []string{"x", "=a,b", "x=", "x=a;x=b", "x=a;y"} {
		var use wrongUse
		if _, err := parseLevels(text); !errors.As(err, &use) {
			t.Errorf("%q gives %v, want wrong use", text, err)
		}
	}
}

// Levels that no number is printed as ("01") ask for the column as it is written; plain numbers do not.
func TestAsTexts(t *testing.T) {
	have := asTexts(map[string][]string{"plain": {"1", "2.5", "10"}, "padded": {"01", "02"}, "words": {"0", "3+"}, "large": {"100000000"}})
	want := map[string]dataset.Kind{"padded": dataset.Category, "words": dataset.Category}
	if diff := cmp.Diff(want, have); diff != "" {
		t.Error(diff)
	}
}
