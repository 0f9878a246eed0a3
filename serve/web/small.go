package web

import (
	"slices"
	"strconv"
)

func sorted(s []string) []string {
	slices.Sort(s)
	return s
}

func itoa(n int64) string { return strconv.FormatInt(n, 10) }
