package chart

import (
	"strings"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// Fonts is the font stack of every drawing. The page does not embed a font, so the drawing does not know
// which of them the reader has.
const Fonts = `'Noto Sans','Source Sans 3','Segoe UI',Roboto,'Helvetica Neue',Arial,sans-serif`

// Advances in thousandths of the font size, from the space to the tilde: of each letter the wider of Noto
// Sans and DejaVu Sans, which stands in where no font of the stack is there. So a measured text is at most as
// long as it looks here, and labels that do not touch here do not touch on paper.
var (
	regular = [95]uint16{318, 401, 460, 838, 636, 950, 780, 275, 390, 390, 551, 838, 318, 361, 318, 372, 636, 636, 636, 636, 636, 636, 636,
		636, 636, 636, 337, 337, 838, 838, 838, 531, 1000, 684, 686, 698, 770, 632, 575, 775, 752, 339, 295, 656, 557, 907, 760, 787, 605,
		787, 695, 635, 611, 732, 684, 989, 685, 611, 685, 390, 372, 390, 838, 500, 500, 613, 635, 550, 635, 615, 352, 635, 634, 278, 278,
		579, 278, 974, 634, 612, 635, 635, 413, 521, 392, 634, 592, 818, 592, 592, 525, 636, 551, 636, 838}
	bold = [95]uint16{348, 456, 521, 838, 696, 1002, 872, 306, 457, 457, 545, 838, 380, 415, 380, 413, 696, 696, 696, 696, 696, 696, 696,
		696, 696, 696, 400, 400, 838, 838, 838, 580, 1000, 774, 762, 734, 830, 683, 683, 821, 837, 389, 372, 775, 637, 995, 837, 850, 733,
		850, 770, 720, 682, 812, 774, 1103, 771, 724, 725, 457, 413, 457, 838, 500, 500, 675, 716, 593, 716, 678, 435, 716, 712, 343, 343,
		665, 343, 1042, 712, 687, 716, 716, 493, 595, 478, 712, 652, 924, 645, 652, 582, 712, 551, 712, 838}
	beyond = map[rune]uint16{'\u00a0': 318, '\u202f': 200, '\u2009': 200, '«': 612, '»': 612, '°': 500, '·': 380, 'œ': 1023, 'æ': 982,
		'Œ': 1070, '–': 500, '—': 1000, '’': 318, '‘': 318, '“': 518, '”': 518, '…': 1000, '−': 838, '∞': 833, '≥': 838, '≤': 838, '•': 590, '←': 1000, '→': 1000}
)

// otherAdvance is taken for letters the table does not hold (other scripts), near the widest of them.
const otherAdvance = 900

// TextWidth is how long a text is at most, in the units of size.
func TextWidth(text string, size float64, heavy bool) float64 {
	table := &regular
	if heavy {
		table = &bold
	}
	sum := 0
	for _, r := range text {
		sum += advance(table, r, heavy)
	}
	return float64(sum) * size / 1000
}

func advance(table *[95]uint16, r rune, heavy bool) int {
	if r >= ' ' && r <= '~' {
		return int(table[r-' '])
	}
	if w, ok := beyond[r]; ok {
		if heavy {
			return int(w) * 11 / 10
		}
		return int(w)
	}
	if first, _ := utf8.DecodeRuneInString(norm.NFD.String(string(r))); first >= ' ' && first <= '~' { // an accented letter is as wide as its base
		return int(table[first-' '])
	}
	return otherAdvance
}

// Wrap breaks a text into lines no longer than width, at spaces and after hyphens and slashes; a no-break
// space holds. A word longer than a line is cut where it must be: an overlapping label would be worse.
func Wrap(text string, width, size float64, heavy bool) []string {
	var lines []string
	line := ""
	flush := func() {
		if s := strings.TrimRight(line, " "); s != "" {
			lines = append(lines, s)
		}
		line = ""
	}
	for _, word := range breaks(text) {
		if TextWidth(strings.TrimRight(line+word, " "), size, heavy) > width {
			flush()
		}
		for TextWidth(strings.TrimRight(word, " "), size, heavy) > width && utf8.RuneCountInString(word) > 1 {
			head := longest(word, width, size, heavy)
			lines = append(lines, head)
			word = word[len(head):]
		}
		line += word
	}
	flush()
	return lines
}

// breaks cuts a text after each place where a line may end.
func breaks(text string) []string {
	var out []string
	start := 0
	for i, r := range text {
		next := i + utf8.RuneLen(r)
		after := next < len(text)
		if r == ' ' && after || (r == '-' || r == '/') && after && i > start+2 {
			out = append(out, text[start:next])
			start = next
		}
	}
	return append(out, text[start:])
}

func longest(word string, width, size float64, heavy bool) string {
	end := 0
	for i, r := range word {
		next := i + utf8.RuneLen(r)
		if end > 0 && TextWidth(word[:next], size, heavy) > width {
			break
		}
		end = next
	}
	return word[:end]
}
