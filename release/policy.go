package release

import "waymark/fault"

// DefaultMinPeople is the threshold of a Policy that names none.
const DefaultMinPeople Persons = 10

// Zeros says what becomes of a count of zero.
type Zeros uint8

const (
	// ZerosShown shows a zero, unless the measure is Sensitive and the zero means that everybody in the
	// row has (or that nobody lacks) what the measure counts.
	ZerosShown Zeros = iota
	// ZerosHidden treats a zero as a count below the threshold.
	ZerosHidden
)

// Policy is a disclosure rule. The zero Policy is the default rule of ten people.
type Policy struct {
	// MinPeople is the smallest number of people that a cell, a difference of cells or a rate may rest on.
	// 0 means DefaultMinPeople; 1 holds nothing back (for tables that are about nobody).
	MinPeople Persons `json:"min_people"`
	// MinWidth is how wide, in people, the interval must stay that a reader can prove for a count below
	// the threshold by adding and subtracting published numbers. 0 means MinPeople.
	MinWidth Persons `json:"min_width"`
	// Zeros says what becomes of zeros; the default shows them.
	Zeros Zeros `json:"zeros"`
}

// Resolved is the policy with its defaults filled in.
func (p Policy) Resolved() Policy {
	if p.MinPeople == 0 {
		p.MinPeople = DefaultMinPeople
	}
	if p.MinWidth == 0 {
		p.MinWidth = p.MinPeople
	}
	return p
}

// Check gives an issue for each setting that is out of range.
func (p Policy) Check() fault.Issues {
	var issues fault.Issues
	bad := func(field string, have Persons) {
		issues = append(issues, fault.Issue{Code: CodePolicyRange, Place: fault.Place{Field: field},
			Args: map[string]any{"field": field, "have": int(have)}})
	}
	if p.MinPeople < 0 || p.MinPeople > maxPeople {
		bad("min_people", p.MinPeople)
	}
	if p.MinWidth < 0 || p.MinWidth > maxPeople {
		bad("min_width", p.MinWidth)
	}
	if p.Zeros > ZerosHidden {
		bad("zeros", Persons(p.Zeros))
	}
	return issues
}

// maxPeople bounds settings and counts: above it the arithmetic of the audit in float64 is no longer whole.
const maxPeople = 1 << 40
