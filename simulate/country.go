package simulate

// region groups countries of nationality for the effects of origin.
type region uint8

const (
	northAfrica region = iota
	westAfrica
	eastAfrica
	centralAfrica
	middleEast
	southAsia
	elsewhere
	regions
)

// regionNames are codes of package place's scheme "survey-regions", so that a plan's regions of nationality
// and the truth beside a survey speak of the same groups; "elsewhere" stands for every other group.
var regionNames = [regions]string{
	"north-africa", "west-africa", "east-africa", "central-africa", "middle-east", "south-asia", "elsewhere",
}

func (r region) subSaharan() bool { return r == westAfrica || r == eastAfrica || r == centralAfrica }

// country is a country of nationality: how often it occurs on each route (relative weights of our own making,
// in the order of magnitude of the arrivals of 2016) and from where its nationals set out when not from home.
type country struct {
	iso     string
	region  region
	central float64
	eastern float64
	abroad  []string // countries of departure other than the own one
	share   float64  // of its nationals who depart from abroad
}

var countries = []country{
	{"NGA", westAfrica, 210, 3, []string{"NER", "LBY"}, 0.06},
	{"GMB", westAfrica, 85, 0.6, []string{"SEN"}, 0.05},
	{"SEN", westAfrica, 65, 0.8, []string{"MLI"}, 0.04},
	{"GIN", westAfrica, 80, 1, []string{"MLI"}, 0.05},
	{"CIV", westAfrica, 75, 0.8, []string{"BFA"}, 0.05},
	{"MLI", westAfrica, 65, 0.8, []string{"DZA"}, 0.06},
	{"GHA", westAfrica, 45, 2, []string{"LBY"}, 0.08},
	{"BFA", westAfrica, 18, 0.4, []string{"CIV"}, 0.10},
	{"SLE", westAfrica, 14, 0.4, nil, 0},
	{"GNB", westAfrica, 9, 0.2, []string{"SEN"}, 0.08},
	{"BEN", westAfrica, 9, 0.2, []string{"NGA"}, 0.08},
	{"TGO", westAfrica, 10, 0.3, []string{"GHA"}, 0.08},
	{"NER", westAfrica, 12, 0.2, []string{"LBY"}, 0.15},
	{"LBR", westAfrica, 4, 0.2, nil, 0},
	{"MRT", westAfrica, 3, 0.3, nil, 0},
	{"CPV", westAfrica, 3, 0.3, nil, 0},
	{"ERI", eastAfrica, 75, 5, []string{"ETH", "SDN"}, 0.30},
	{"SOM", eastAfrica, 35, 14, []string{"ETH", "KEN", "YEM"}, 0.25},
	{"SDN", eastAfrica, 45, 3, []string{"LBY"}, 0.10},
	{"ETH", eastAfrica, 15, 3, []string{"SDN"}, 0.10},
	{"KEN", eastAfrica, 6, 1, []string{"SDN"}, 0.10},
	{"UGA", eastAfrica, 5, 1, nil, 0},
	{"SSD", eastAfrica, 9, 0.8, []string{"SDN", "UGA"}, 0.30},
	{"DJI", eastAfrica, 4, 0.5, nil, 0},
	{"BDI", eastAfrica, 4, 1.5, []string{"RWA"}, 0.20},
	{"RWA", eastAfrica, 3, 1, nil, 0},
	{"COM", eastAfrica, 4, 0.4, nil, 0},
	{"ZWE", eastAfrica, 3, 0.6, nil, 0},
	{"CMR", centralAfrica, 22, 5, []string{"NGA"}, 0.06},
	{"TCD", centralAfrica, 8, 0.4, []string{"LBY"}, 0.15},
	{"COD", centralAfrica, 4, 6, nil, 0},
	{"CAF", centralAfrica, 3, 0.5, []string{"CMR"}, 0.20},
	{"COG", centralAfrica, 7, 2.5, []string{"CMR"}, 0.10},
	{"GAB", centralAfrica, 5, 0.4, nil, 0},
	{"AGO", centralAfrica, 3, 1, nil, 0},
	{"EGY", northAfrica, 40, 6, []string{"LBY"}, 0.08},
	{"MAR", northAfrica, 45, 22, []string{"LBY"}, 0.06},
	{"TUN", northAfrica, 16, 3, nil, 0},
	{"DZA", northAfrica, 12, 18, nil, 0},
	{"LBY", northAfrica, 10, 2, nil, 0},
	{"SYR", middleEast, 14, 320, []string{"TUR", "LBN", "JOR"}, 0.35},
	{"IRQ", middleEast, 6, 165, []string{"TUR"}, 0.12},
	{"PSE", middleEast, 5, 18, []string{"SYR", "LBN"}, 0.60},
	{"YEM", middleEast, 1, 4, []string{"EGY"}, 0.15},
	{"AFG", southAsia, 5, 300, []string{"IRN", "PAK"}, 0.30},
	{"PAK", southAsia, 22, 95, []string{"IRN"}, 0.08},
	{"BGD", southAsia, 60, 14, []string{"LBY", "ARE"}, 0.25},
	{"IRN", middleEast, 1, 55, []string{"TUR"}, 0.10},
	{"LKA", southAsia, 1, 5, nil, 0},
	{"NPL", southAsia, 1, 3, nil, 0},
	{"IND", southAsia, 2, 9, []string{"ARE"}, 0.10},
	{"JOR", middleEast, 1.5, 8, nil, 0},
	{"LBN", middleEast, 1.5, 12, nil, 0},
	{"KWT", middleEast, 0.5, 6, []string{"IRQ"}, 0.10},
	{"SAU", middleEast, 0.5, 4, nil, 0},
	{"TUR", elsewhere, 1, 8, nil, 0},
	{"ALB", elsewhere, 0.5, 6, nil, 0},
	{"GEO", elsewhere, 0.3, 5, nil, 0},
	{"AZE", elsewhere, 0.3, 4, nil, 0},
	{"UZB", elsewhere, 0.3, 4, nil, 0},
	{"MMR", elsewhere, 3, 5, nil, 0},
	{"DOM", elsewhere, 0.5, 5, nil, 0},
	{"HTI", elsewhere, 1, 2, nil, 0},
}

// site is a place of interview.
type site struct {
	code    string
	country string
	route   route
	weight  float64
	paper   bool // used paper forms: more left blank, and one indicator not asked in the first two months
}

var sites = []site{
	{"ITA-01", "ITA", central, 12, false}, {"ITA-02", "ITA", central, 11, false}, {"ITA-03", "ITA", central, 10, false},
	{"ITA-04", "ITA", central, 9, true}, {"ITA-05", "ITA", central, 8, false}, {"ITA-06", "ITA", central, 7, false},
	{"ITA-07", "ITA", central, 7, false}, {"ITA-08", "ITA", central, 6, true}, {"ITA-09", "ITA", central, 6, false},
	{"ITA-10", "ITA", central, 5, false}, {"ITA-11", "ITA", central, 4, false}, {"ITA-12", "ITA", central, 4, false},
	{"ITA-13", "ITA", central, 3, false}, {"ITA-14", "ITA", central, 3, false}, {"ITA-15", "ITA", central, 2, false},
	{"ITA-16", "ITA", central, 1.5, false}, {"ITA-17", "ITA", central, 0.5, false}, {"ITA-18", "ITA", central, 0.3, false},
	{"GRC-01", "GRC", eastern, 14, false}, {"GRC-02", "GRC", eastern, 12, false}, {"GRC-03", "GRC", eastern, 9, true},
	{"GRC-04", "GRC", eastern, 7, false}, {"GRC-05", "GRC", eastern, 4, false}, {"MKD-01", "MKD", eastern, 11, false},
	{"MKD-02", "MKD", eastern, 6, false}, {"SRB-01", "SRB", eastern, 9, false}, {"SRB-02", "SRB", eastern, 6, false},
	{"SRB-03", "SRB", eastern, 3, false}, {"BGR-01", "BGR", eastern, 7, true}, {"BGR-02", "BGR", eastern, 4, false},
	{"BGR-03", "BGR", eastern, 1.5, false}, {"HUN-01", "HUN", eastern, 5, false}, {"HUN-02", "HUN", eastern, 2, false},
	{"SVN-01", "SVN", eastern, 3, false}, {"SVN-02", "SVN", eastern, 0.4, false},
}

// weightedPlace is a country where events happen and how often.
type weightedPlace struct {
	iso    string
	weight float64
}

// eventPlaces follow what IOM published of the events of 2017 on the Central Mediterranean route (Libya 92 %,
// Algeria 2.8 %, Sudan 1.3 %, Türkiye 0.8 %); the rest and the Eastern route are of our own making.
var eventPlaces = [routes][]weightedPlace{
	eastern: {{"TUR", 40}, {"IRN", 17}, {"BGR", 13}, {"GRC", 9}, {"MKD", 6}, {"SRB", 6}, {"AFG", 4}, {"HUN", 3}, {"PAK", 2}},
	central: {{"LBY", 92}, {"DZA", 2.8}, {"SDN", 1.3}, {"TUR", 0.8}, {"NER", 1.4}, {"EGY", 0.6}, {"MLI", 0.5}, {"TCD", 0.4}, {"ITA", 0.2}},
}
