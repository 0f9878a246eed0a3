package main

import (
	"fmt"
	"strconv"
	"strings"

	"waymark/dataset"
)

// parseLevels reads --levels: 'x=a,b,c;y=no,yes', the reference first.
func parseLevels(text string) (map[string][]string, error) {
	if text == "" {
		return nil, nil
	}
	out := map[string][]string{}
	for _, part := range strings.Split(text, ";") {
		if strings.TrimSpace(part) == "" {
			continue
		}
		name, list, ok := strings.Cut(part, "=")
		name = strings.TrimSpace(name)
		if !ok || name == "" || strings.TrimSpace(list) == "" {
			return nil, misused(codeFlagValue, map[string]any{"flag": "--levels", "have": part})
		}
		if out[name] != nil {
			return nil, misused(codeFlagValue, map[string]any{"flag": "--levels", "have": part})
		}
		for _, l := range strings.Split(list, ",") {
			out[name] = append(out[name], strings.TrimSpace(l))
		}
	}
	return out, nil
}

// asTexts names the columns whose levels are written as no number is printed ("01", "1.0"): they must be read as
// they stand, not as numbers.
func asTexts(levels map[string][]string) map[string]dataset.Kind {
	kinds := map[string]dataset.Kind{}
	for name, list := range levels {
		for _, l := range list {
			x, err := strconv.ParseFloat(l, 64)
			if err != nil || fmt.Sprint(x) != l && strconv.FormatFloat(x, 'f', -1, 64) != l {
				kinds[name] = dataset.Category
			}
		}
	}
	return kinds
}
