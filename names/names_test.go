package names_test

import (
	"fmt"
	"math"
	"testing"

	"pgregory.net/rapid"

	"waymark/names"
)

func TestFold(t *testing.T) {
	for name, c := range map[string]struct{ in, want string }{
		"accents":              {"Égypte", "egypte"},
		"typographic quote":    {"Côte d’Ivoire", "cote d ivoire"},
		"plain quote":          {"Cote d'Ivoire", "cote d ivoire"},
		"brackets":             {"Iran (Islamic Republic of)", "iran islamic republic of"},
		"ampersand":            {"Bosnia & Herzegovina", "bosnia and herzegovina"},
		"ampersand unspaced":   {"Trinidad&Tobago", "trinidad and tobago"},
		"ligature":             {"Œuvre", "oeuvre"},
		"dotted capital":       {"İstanbul", "istanbul"},
		"umlaut and eszett":    {"Großstädte", "grossstadte"},
		"no-break space":       {"Sierra Leone", "sierra leone"},
		"hyphens and blanks":   {"  Guinea -  Bissau ", "guinea bissau"},
		"decomposed as joined": {"Re\u0301union", "reunion"},
		"arabic marks":         {"مُحَمَّد", "محمد"},
		"nothing but marks":    {" -- ", ""},
	} {
		t.Run(name, func(t *testing.T) {
			if got := names.Fold(c.in); got != c.want {
				t.Errorf("Fold(%q) = %q, want %q", c.in, got, c.want)
			}
		})
	}
}

func TestFoldTwiceIsFoldOnce(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		once := names.Fold(rapid.String().Draw(t, "name"))
		if twice := names.Fold(once); twice != once {
			t.Fatalf("Fold(%q) = %q", once, twice)
		}
	})
}

// The reference values are Winkler's own examples, to the three decimals he prints.
func TestLikeness(t *testing.T) {
	for _, c := range []struct {
		a, b string
		want float64
	}{
		{"martha", "marhta", 0.961},
		{"dwayne", "duane", 0.840},
		{"dixon", "dicksonx", 0.813},
		{"same", "same", 1},
		{"abc", "xyz", 0},
		{"", "", 0},
		{"", "mali", 0},
	} {
		if got := names.Likeness(c.a, c.b); math.Abs(got-c.want) > 0.0006 {
			t.Errorf("Likeness(%q, %q) = %.4f, want %.3f", c.a, c.b, got, c.want)
		}
	}
}

func TestLikenessIsAMeasure(t *testing.T) {
	word := rapid.StringMatching(`[a-e]{1,9}`)
	rapid.Check(t, func(t *rapid.T) {
		a, b := word.Draw(t, "a"), word.Draw(t, "b")
		ab := names.Likeness(a, b)
		if ab < 0 || ab > 1 {
			t.Fatalf("Likeness(%q, %q) = %g is outside 0 to 1", a, b, ab)
		}
		if self := names.Likeness(a, a); self != 1 {
			t.Fatalf("Likeness(%q, itself) = %g", a, self)
		}
		if a != b && ab == 1 {
			t.Fatalf("%q and %q differ and are wholly alike", a, b)
		}
	})
}

func Example() {
	fmt.Println(names.Fold("Côte d’Ivoire"))
	fmt.Printf("%.2f\n", names.Likeness(names.Fold("Sénégal"), names.Fold("Sengal")))
	// Output:
	// cote d ivoire
	// 0.97
}
