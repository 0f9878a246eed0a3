package lang

import (
	"strconv"
	"time"
)

// Date writes a day: 22 November 2026, 22 novembre 2026, 1er novembre 2026. The zero time is empty.
func (p *Printer) Date(day time.Time) string {
	if day.IsZero() {
		return ""
	}
	d := strconv.Itoa(day.Day())
	if p.tag == "fr" && day.Day() == 1 {
		d = "1er"
	}
	return d + fixedSpace + p.month(day) + " " + strconv.Itoa(day.Year())
}

// Month writes a month of a year: November 2026, novembre 2026.
func (p *Printer) Month(day time.Time) string {
	if day.IsZero() {
		return ""
	}
	return p.month(day) + " " + strconv.Itoa(day.Year())
}

// Day writes an ISO day (2026-11-22), month (2026-11) or moment (2026-11-22T10:00:00Z) as Date and Month do,
// and gives anything else back as it came.
func (p *Printer) Day(iso string) string {
	if day, err := time.Parse(time.DateOnly, iso); err == nil {
		return p.Date(day)
	}
	if day, err := time.Parse("2006-01", iso); err == nil {
		return p.Month(day)
	}
	if day, err := time.Parse(time.RFC3339, iso); err == nil {
		return p.Date(day)
	}
	return iso
}

// Period joins two ISO days: "7 December 2015 to 30 November 2016".
func (p *Printer) Period(from, to string) string {
	switch {
	case from == to || to == "":
		return p.Day(from)
	case from == "":
		return p.Day(to)
	}
	return p.Day(from) + " " + p.choose("to", "au") + " " + p.Day(to)
}

func (p *Printer) month(day time.Time) string {
	if p.tag == "fr" {
		return frenchMonths[day.Month()-1]
	}
	return day.Month().String()
}

// No Go library writes dates by locale; month names are lower case in French.
var frenchMonths = [12]string{
	"janvier", "février", "mars", "avril", "mai", "juin",
	"juillet", "août", "septembre", "octobre", "novembre", "décembre",
}
