package names

// Likeness gives the Jaro-Winkler similarity of two names, 0 (nothing in common) to 1 (equal), as it stands:
// fold both names first. With m characters in common within half the longer name of each other, t of them
// out of order (counted in pairs), and a common start of l characters, at most four,
//
//	jaro   = (m/|a| + m/|b| + (m - t)/m) / 3
//	winkler = jaro + 0.1 l (1 - jaro)
//
// Winkler, W. E. (1990), String comparator metrics and enhanced decision rules in the Fellegi-Sunter model of
// record linkage, Proceedings of the Section on Survey Research Methods, American Statistical Association.
// Two empty names are not alike: an absence is no evidence.
func Likeness(a, b string) float64 {
	x, y := []rune(a), []rune(b)
	jaro := jaro(x, y)
	start := 0
	for start < min(len(x), len(y), 4) && x[start] == y[start] {
		start++
	}
	return jaro + 0.1*float64(start)*(1-jaro)
}

func jaro(x, y []rune) float64 {
	if len(x) == 0 || len(y) == 0 {
		return 0
	}
	reach := max(max(len(x), len(y))/2-1, 0)
	taken := make([]bool, len(y))
	var common []rune
	for i, r := range x {
		for j := max(0, i-reach); j < min(len(y), i+reach+1); j++ {
			if !taken[j] && y[j] == r {
				taken[j] = true
				common = append(common, r)
				break
			}
		}
	}
	if len(common) == 0 {
		return 0
	}
	disorder, next := 0, 0
	for j, r := range y {
		if !taken[j] {
			continue
		}
		if common[next] != r {
			disorder++
		}
		next++
	}
	m := float64(len(common))
	return (m/float64(len(x)) + m/float64(len(y)) + (m-float64(disorder/2))/m) / 3
}
