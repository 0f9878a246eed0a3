package simulate

import "math/rand/v2"

// person is one invented traveller, by codes into the names of effect.go.
type person struct {
	route       route
	site        int
	month       int // 0 = December 2015 ... 11 = November 2016
	nationality int
	departure   string
	year        int // of departure
	sex         int
	age         int
	ageGroup    int
	education   int
	marital     int
	travel      int
	duration    int
	cost        int
	reason      int
	relatives   int
	camp        int
	conflict    int
}

// drawing picks from weights with one random number.
type drawing struct {
	sum []float64
}

func weights(w ...float64) drawing {
	d := drawing{sum: make([]float64, len(w))}
	total := 0.0
	for i, x := range w {
		total += x
		d.sum[i] = total
	}
	return d
}

func (d drawing) pick(r *rand.Rand) int {
	u := r.Float64() * d.sum[len(d.sum)-1]
	for i, s := range d.sum {
		if u < s {
			return i
		}
	}
	return len(d.sum) - 1
}

// mixes are the shares of each answer by route: orders of magnitude of our own making.
type mixes struct {
	nationality drawing
	site        drawing
	siteIndex   []int
	age         drawing // 14-17, 18-25, 26-35, 36-45, 46+
	education   drawing
	place       drawing
	journey     [2]journey // of those of other, and of sub-Saharan origin
}

// journey are the shares of what a journey was like. They differ by origin: those of sub-Saharan origin on the
// Eastern route came by longer, lonelier and costlier ways than those who set out beside it, which is part of
// why the two origins differ more there than on the Central route.
type journey struct {
	travel      drawing // group, alone, family; men
	familyWomen drawing // the same; women
	duration    drawing
	cost        drawing
}

var ageBands = [][2]int{{14, 17}, {18, 25}, {26, 35}, {36, 45}, {46, 67}}

// ageCode turns a band of ageBands into a code of ageNames.
var ageCode = []int{1, 2, 0, 3, 4}

func mixOf(rt route) mixes {
	var m mixes
	var nat, site []float64
	for _, c := range countries {
		if rt == central {
			nat = append(nat, c.central)
		} else {
			nat = append(nat, c.eastern)
		}
	}
	m.nationality = weights(nat...)
	for i, s := range sites {
		if s.route == rt {
			m.siteIndex = append(m.siteIndex, i)
			site = append(site, s.weight)
		}
	}
	m.site = weights(site...)
	var places []float64
	for _, p := range eventPlaces[rt] {
		places = append(places, p.weight)
	}
	m.place = weights(places...)
	if rt == central {
		m.age = weights(15, 46, 30, 7, 2)
		m.education = weights(28, 22, 27, 15, 8)
		m.journey[0] = journey{weights(46, 42, 12), weights(36, 26, 38), weights(16, 36, 22, 26), weights(4, 32, 36, 20, 8)}
		m.journey[1] = journey{weights(41, 48, 11), weights(38, 34, 28), weights(6, 26, 26, 42), weights(5, 42, 35, 14, 4)}
		return m
	}
	m.age = weights(12, 36, 30, 15, 7)
	m.education = weights(28, 14, 20, 20, 18)
	m.journey[0] = journey{weights(37, 20, 43), weights(14, 7, 79), weights(36, 41, 12, 11), weights(3, 22, 30, 27, 18)}
	m.journey[1] = journey{weights(28, 62, 10), weights(28, 50, 22), weights(4, 14, 22, 60), weights(2, 10, 24, 36, 28)}
	return m
}

// draw makes one person.
func (s *FlowSurvey) draw(r *rand.Rand) person {
	p := person{month: r.IntN(12)}
	if r.Float64() < shareCentral {
		p.route = central
	}
	m := &s.mixes[p.route]
	p.site = m.siteIndex[m.site.pick(r)]
	p.nationality = m.nationality.pick(r)
	c := &countries[p.nationality]
	p.departure = c.iso
	if len(c.abroad) > 0 && r.Float64() < c.share {
		p.departure = c.abroad[r.IntN(len(c.abroad))]
	}
	men := menEastern
	if p.route == central {
		men = menCentral
	}
	if r.Float64() < men {
		p.sex = 1
	}
	band := m.age.pick(r)
	p.ageGroup = ageCode[band]
	p.age = ageBands[band][0] + r.IntN(ageBands[band][1]-ageBands[band][0]+1)
	p.education = m.education.pick(r)
	if p.age < 18 && p.education >= 3 {
		p.education = 0
	}
	p.marital = maritalOf(p.age, r)
	way := &m.journey[int(number(c.region.subSaharan()))]
	p.travel = way.travel.pick(r)
	if p.sex == 0 {
		p.travel = way.familyWomen.pick(r)
	}
	p.duration = way.duration.pick(r)
	p.cost = way.cost.pick(r)
	p.year = departureYear(p.month, p.duration, r)
	if s.conflictIn(p.departure, p.year) {
		p.conflict = 1
	}
	p.reason = reasonOf(p.conflict, r)
	p.relatives = weights(70, 12, 18).pick(r)
	if p.conflict == 1 && r.Float64() < 0.25 || r.Float64() < 0.05 {
		p.camp = 1
	}
	return p
}

func maritalOf(age int, r *rand.Rand) int {
	switch {
	case age < 18:
		return weights(97, 3, 0.2).pick(r)
	case age <= 25:
		return weights(78, 20, 2).pick(r)
	case age <= 35:
		return weights(48, 46, 6).pick(r)
	}
	return weights(15, 72, 13).pick(r)
}

func reasonOf(conflict int, r *rand.Rand) int {
	if conflict == 1 {
		return weights(36, 56, 8).pick(r)
	}
	return weights(72, 16, 12).pick(r)
}

// departureYear goes back from the month of the interview by the length of the journey.
func departureYear(month, duration int, r *rand.Rand) int {
	days := []int{7, 45, 130, 300}[duration] + r.IntN(30)
	if duration == 3 {
		days += r.IntN(500)
	}
	at := month*30 + 15 - days // days since 1 December 2015
	year := 2015
	if at > 31 {
		year = 2016
	}
	for at < -334 {
		year--
		at += 365
	}
	return year
}
