package xpath

import (
	"fmt"
	"math"
	"strings"
	"time"
)

func (v *evaluation) times(name string, args []Value) (Value, error) {
	switch name {
	case "today", "now":
		if v.Now.IsZero() {
			return Value{}, ErrUnknown
		}
		days, _, _ := moment(v.Now.Format("2006-01-02T15:04:05"))
		if name == "today" {
			return dayOf(math.Floor(days)), nil
		}
		return timeOf(days), nil
	case "date":
		if days, ok := point(args[0]); ok {
			return dayOf(math.Floor(days)), nil
		}
		return textOf(""), nil
	case "date-time":
		if days, ok := point(args[0]); ok {
			return timeOf(days), nil
		}
		return textOf(""), nil
	case "decimal-date-time":
		if days, ok := point(args[0]); ok {
			return numberOf(days), nil
		}
		return numberOf(math.NaN()), nil
	case "decimal-time":
		s := args[0].Text()
		if _, after, ok := strings.Cut(s, "T"); ok {
			s = after
		}
		if part, ok := partOfDay(s); ok {
			return numberOf(part), nil
		}
		return numberOf(math.NaN()), nil
	case "format-date", "format-date-time":
		days, ok := point(args[0])
		if !ok {
			return textOf(""), nil
		}
		return formatted(dateOf(days), args[1].Text())
	}
	return Value{}, errNotHere
}

// point gives a value as days since 1970-01-01.
func point(v Value) (float64, bool) {
	days := v.Number()
	return days, !math.IsNaN(days) && math.Abs(days) < 1e7
}

// formatted writes a time by the marks of format-date. Names of months and days depend on the language of the
// phone and are not known here.
func formatted(t time.Time, layout string) (Value, error) {
	var b strings.Builder
	for i := 0; i < len(layout); i++ {
		if layout[i] != '%' || i == len(layout)-1 {
			b.WriteByte(layout[i])
			continue
		}
		i++
		switch layout[i] {
		case '%':
			b.WriteByte('%')
		case 'Y':
			fmt.Fprintf(&b, "%04d", t.Year())
		case 'y':
			fmt.Fprintf(&b, "%02d", t.Year()%100)
		case 'm':
			fmt.Fprintf(&b, "%02d", int(t.Month()))
		case 'n':
			fmt.Fprint(&b, int(t.Month()))
		case 'd':
			fmt.Fprintf(&b, "%02d", t.Day())
		case 'e':
			fmt.Fprint(&b, t.Day())
		case 'H':
			fmt.Fprintf(&b, "%02d", t.Hour())
		case 'h':
			fmt.Fprint(&b, t.Hour())
		case 'M':
			fmt.Fprintf(&b, "%02d", t.Minute())
		case 'S':
			fmt.Fprintf(&b, "%02d", t.Second())
		case '3':
			fmt.Fprintf(&b, "%03d", t.Nanosecond()/1e6)
		case 'W':
			_, week := t.ISOWeek()
			fmt.Fprint(&b, week)
		default:
			return Value{}, ErrUnknown
		}
	}
	return textOf(b.String()), nil
}
