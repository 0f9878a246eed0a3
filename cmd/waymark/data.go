package main

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"waymark/dataset"
	"waymark/dataset/csv"
	"waymark/dataset/parquet"
	"waymark/fault"
)

const (
	codeCannotOpen    fault.Code = "cmd.cannot-open"
	codeUnknownEnding fault.Code = "cmd.unknown-ending"
)

// endings are the file names that readTable reads.
var endings = []string{".csv", ".tsv", ".txt", ".parquet"}

// readTable reads a table from a file, by its ending.
func readTable(name string, o dataset.ReadOptions) (*dataset.Loaded, error) {
	o.Document = filepath.Base(name)
	ending := strings.ToLower(filepath.Ext(name))
	if !slices.Contains(endings, ending) {
		return nil, fault.Issue{Code: codeUnknownEnding, Place: fault.Place{Document: o.Document},
			Args: map[string]any{"have": ending, "known": strings.Join(endings, ", ")}}
	}
	file, err := os.Open(name)
	if err != nil {
		return nil, cannotOpen(o.Document)
	}
	defer file.Close()
	info, err := file.Stat()
	if err != nil || info.IsDir() {
		return nil, cannotOpen(o.Document)
	}
	if ending == ".parquet" {
		return parquet.Read(file, info.Size(), parquet.Options{ReadOptions: o, Unhashed: true})
	}
	options := csv.Options{ReadOptions: o}
	if ending == ".tsv" {
		options.Comma = '\t'
	}
	return csv.Read(file, options)
}

func cannotOpen(document string) error {
	return fault.Issue{Code: codeCannotOpen, Kind: fault.NotFound, Place: fault.Place{Document: document}}
}

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
