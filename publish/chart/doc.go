// Package chart knows how to draw cleared tables as SVG: forest plots, bars, dots with intervals, lines,
// specification curves. It must not know files, pages, or any table that was not cleared.
package chart
