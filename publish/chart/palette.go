package chart

import (
	"fmt"
	"math"
)

// Ink is the colour of text and axes, Soft of remarks, Rule of grid lines, Faint of bands. Ink and Soft have
// a contrast of at least 4.5 to 1 with white and with Faint.
const (
	Ink   = "#1a2129"
	Soft  = "#4a5561"
	Rule  = "#c9d1d9"
	Faint = "#f3f6f8"
	White = "#ffffff"
)

// series are the colours of marks: each at least 3 to 1 against white (WCAG 2.2, 1.4.11), and told apart by
// lightness as well as hue for readers who see fewer colours. Colour is never alone: marks differ by shape
// and bars by pattern.
var series = []string{"#0b4f82", "#c24a00", "#00795a", "#8b2f7b", "#7a5c00", "#4a5561"}

// Series gives the n-th colour of marks, beginning again after the last.
func Series(n int) string { return series[n%len(series)] }

// classes are fills of map classes from few to many; each step is a visible one in grey as well.
var classes = [][]string{
	{"#0b4f82"},
	{"#b9d7ea", "#0b4f82"},
	{"#cfe3f0", "#6ea8d1", "#0b4f82"},
	{"#d8e8f3", "#94c1de", "#4287b8", "#0a3d66"},
	{"#e0edf6", "#aacfe5", "#6ea8d1", "#2f78ad", "#093659"},
}

// Classes gives the fills of n ordered classes, lightest first; n from 1 to 5.
func Classes(n int) []string { return classes[min(max(n, 1), len(classes))-1] }

// Dark says whether white letters read better on a colour #rrggbb than Ink does: whether its relative
// luminance (WCAG 2.2) is under 0.18. What is no such colour is light.
func Dark(colour string) bool {
	var rgb [3]uint8
	if n, err := fmt.Sscanf(colour, "#%02x%02x%02x", &rgb[0], &rgb[1], &rgb[2]); n != 3 || err != nil {
		return false
	}
	sum := 0.0
	for i, weight := range []float64{0.2126, 0.7152, 0.0722} {
		v := float64(rgb[i]) / 255
		if v <= 0.04045 {
			v /= 12.92
		} else {
			v = math.Pow((v+0.055)/1.055, 2.4)
		}
		sum += weight * v
	}
	return sum < 0.18
}

// Texture is how an area is hatched.
type Texture uint8

const (
	Plain    Texture = iota // the colour itself
	Diagonal                // lines rising to the right
	Spotted
	Crossed
	Level // horizontal lines
	Upright
	Held // of what is withheld: wide apart grey lines falling to the right on white
)

// TextureOf gives the pattern that goes with the n-th colour.
func TextureOf(n int) Texture { return Texture(n % int(Held)) }
