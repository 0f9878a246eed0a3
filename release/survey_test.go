package release_test

import (
	"fmt"
	"math/rand/v2"
	"strings"

	"waymark/release"
)

// person is an invented person of a test survey: a level of each variable.
type person map[string]string

// survey draws people; levels are rarer the further down the list they stand.
func survey(seed uint64, people int, levels map[string]int) []group {
	r := rand.New(rand.NewPCG(seed, 5))
	var list []group
	at := map[string]int{}
	for range people {
		p, key := person{}, ""
		for _, v := range []string{"route", "sex", "age", "any"} {
			n := levels[v]
			if n == 0 {
				continue
			}
			p[v] = fmt.Sprint(min(int(r.ExpFloat64()*float64(n)/3), n-1))
			key += p[v] + "/"
		}
		if _, ok := at[key]; !ok {
			at[key] = len(list)
			list = append(list, group{p, 0})
		}
		list[at[key]].n++
	}
	return list
}

// group is so many people alike.
type group struct {
	person
	n int
}

// meets counts the people that meet every condition.
func meets(people []group, conditions ...string) release.Persons {
	n := 0
	for _, p := range people {
		ok := true
		for _, c := range conditions {
			variable, level, _ := strings.Cut(c, "=")
			if have, asked := p.person[variable]; asked && have != level {
				ok = false
			}
		}
		if ok {
			n += p.n
		}
	}
	return release.Persons(n)
}

// byVariables is a table of n and share of any=1 over the levels of variables, with all totals. Where a
// variable is "" in a row it is the total over it.
func byVariables(people []group, key string, levels map[string]int, variables ...string) release.Draft {
	d := release.Draft{Key: key, Measures: []release.Measure{
		{Name: "n", Form: release.Count}, {Name: "share", Form: release.Share, Ranged: true}}}
	for _, v := range variables {
		d.Dims = append(d.Dims, release.Dim{Name: v})
	}
	var walk func(i int, heads []release.Head, conditions []string, total bool)
	walk = func(i int, heads []release.Head, conditions []string, total bool) {
		if i == len(variables) {
			base := meets(people, conditions...)
			if base == 0 && len(conditions) == 0 {
				return
			}
			events := meets(people, append([]string{"any=1"}, conditions...)...)
			n := release.DraftCell{Value: float64(base), Base: base, Events: base, Set: release.SetOf(conditions...)}
			share := release.DraftCell{None: true}
			if base > 0 {
				v := float64(events) / float64(base)
				share = release.DraftCell{Value: v, Low: v * 0.9, High: v*0.9 + 0.1, Base: base, Events: events,
					Set: n.Set, EventSet: release.SetOf(append([]string{"any=1"}, conditions...)...)}
			}
			d.Rows = append(d.Rows, release.DraftRow{Heads: heads, Cells: []release.DraftCell{n, share}, Total: total})
			return
		}
		v := variables[i]
		for k := range levels[v] {
			code := fmt.Sprint(k)
			walk(i+1, append(heads[:len(heads):len(heads)], release.Head{Code: code}),
				append(conditions[:len(conditions):len(conditions)], v+"="+code), total)
		}
		walk(i+1, append(heads[:len(heads):len(heads)], release.Head{Code: "all"}), conditions, true)
	}
	walk(0, nil, nil, false)
	return d
}
