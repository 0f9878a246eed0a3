package chart_test

import (
	"math"
	"strconv"
)

// luminance is the relative luminance of WCAG 2.2 of a colour #rrggbb.
func luminance(colour string) float64 {
	part := func(at int) float64 {
		v, err := strconv.ParseUint(colour[at:at+2], 16, 8)
		if err != nil {
			panic(err)
		}
		c := float64(v) / 255
		if c <= 0.04045 {
			return c / 12.92
		}
		return math.Pow((c+0.055)/1.055, 2.4)
	}
	return 0.2126*part(1) + 0.7152*part(3) + 0.0722*part(5)
}
