// Package place knows countries and territories, the regions they are grouped into, the codes other systems
// give them, and the shapes they are drawn with. It must not know who moves between them, nor any page, map
// or file: readers take bytes.
//
// Names and regions are those of the United Nations (M49, "Standard country or area codes for statistical
// use") in English and French. The data are compiled into the program; SOURCE.md says where each column
// comes from, of what date and on what terms, and docs/formats/country-table.md how it is stored.
//
//	c, ok := place.Countries().ByName("DR Congo (Zaire)")   // c.ISO3 == "COD"
//	c.Name("fr")                                            // "République démocratique du Congo"
//	scheme, _ := place.Countries().Scheme("survey-regions")
//	group, _ := scheme.Of("NGA")                            // group.Code == "west-africa"
//
// Namibia's two-letter code is NA, which careless readers of files take for a missing value: nothing in this
// package treats "NA" as missing, and ByName takes no two-letter code.
//
// The names used do not imply any opinion about the legal status of a country, territory, city or area, or
// of its authorities, or about its frontiers.
package place
