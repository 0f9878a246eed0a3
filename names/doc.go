// Package names knows how names of people and places are normalised, transliterated and compared. It must
// not know which names exist, where they come from, or anything about the person who bears one.
//
// Fold brings a name to the form in which two spellings of it should be equal; Likeness says how alike two
// folded names are. Neither keeps or prints a name.
//
//	names.Fold("Côte d’Ivoire")           // "cote d ivoire"
//	names.Likeness("senegal", "sengal")   // 0.97
package names
