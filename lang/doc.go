// Package lang knows English and French: the texts of codes, plural forms, numbers, dates and lists. It must
// not know where a code is raised.
//
// Texts stand in messages/ROOM.LANGUAGE.toml, one pair of files a room, and the code begins with the room:
//
//	["csv.ragged-row"]
//	one = "{{.have}} cell where the header has {{.want}}"
//	other = "{{.have}} cells where the header has {{.want}}"
//
// A text that has more than one form takes the form of its count: the argument named count, else n, else the
// first whole number that the text names. French has one, many (a million, two millions) and other, and
// asks for all three. A text without forms has only other.
//
// A printer is made for one language and reads a room's file when the first of its texts is asked for, so a
// command that says nothing reads nothing:
//
//	p, err := lang.New("fr")
//	p.Text("csv.ragged-row", map[string]any{"have": 3, "want": 14})
//	p.Number(139312.5, 1) // 139 312,5
//
// Numbers among the arguments are written as the language writes them; an argument that is a name rather than
// a quantity (a row, a year, a seed) is given as a string. Spaces before : ; ? ! % and inside « » are made
// unbreakable in the texts themselves and never in their arguments, so that a formula or a file name comes
// out as it went in.
package lang
