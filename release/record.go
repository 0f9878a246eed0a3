package release

import "waymark/fault"

// Record says what Clear did, in numbers of cells only. What is exported goes into the public record of the
// run. How many of the suppressed cells were below the threshold themselves, and how many were hidden to
// protect those, is not: a reader who knew that nothing was hidden for protection would know that every
// hidden count is below the threshold.
type Record struct {
	Policy Policy        `json:"policy"`
	Tables []TableRecord `json:"tables"`
	Issues fault.Issues  `json:"-"` // soft: what Clear left out of its reckoning

	working []Working
}

// TableRecord counts the cells of one table.
type TableRecord struct {
	Key        string `json:"key"`
	Shown      int    `json:"shown"`
	Suppressed int    `json:"suppressed"`
	Blank      int    `json:"blank"`
}

// Working tells the owner of the data why cells of one table were held back. It is not for publication.
type Working struct {
	Key       string
	Primary   int // fewer than the threshold, or a rate on fewer
	Secondary int // safe themselves, hidden to protect others
	Groups    int // rows of a Sensitive measure in which everybody has what it counts (within Primary)
}

// Working gives, for each table, why cells were held back. For staff, not for a public output.
func (r Record) Working() []Working { return r.working }
