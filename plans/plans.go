// Package plans knows the analysis plans that ship with Waymark, as files. It must not know what is in them.
package plans

import (
	"embed"
	"io/fs"
	"slices"
	"strings"
)

//go:embed *.yaml
var files embed.FS

// Read gives a shipped plan by its file name ("malawi-2024.yaml") or by its name without the ending.
func Read(name string) ([]byte, bool) {
	name = strings.TrimSuffix(strings.TrimPrefix(name, "plans/"), ".yaml") + ".yaml"
	text, err := files.ReadFile(name)
	return text, err == nil
}

// Names lists the shipped plans without their ending, in order.
func Names() []string {
	list, err := fs.Glob(files, "*.yaml")
	if err != nil {
		return nil
	}
	for i, n := range list {
		list[i] = strings.TrimSuffix(n, ".yaml")
	}
	slices.Sort(list)
	return list
}
