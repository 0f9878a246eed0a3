// Package lang knows English and French: the texts of codes, plural forms, numbers, dates and lists. It must
// not know where a code is raised.
//
// Texts stand in messages/ROOM.LANGUAGE.toml, one pair of files a room:
//
//	["csv.ragged-row"]
//	one = "{{.have}} cell where the header has {{.want}}"
//	other = "{{.have}} cells where the header has {{.want}}"
package lang
