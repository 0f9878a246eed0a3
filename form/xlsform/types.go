package xlsform

import (
	"strings"

	"waymark/form"
)

// typeWords are the words for types, old ones among them, in lower case with single spaces for underscores.
var typeWords = map[string]form.Type{
	"text": form.Text, "string": form.Text, "add text prompt": form.Text,
	"integer": form.Integer, "int": form.Integer, "add integer prompt": form.Integer,
	"decimal": form.Decimal, "add decimal prompt": form.Decimal, "range": form.Range,
	"date": form.Date, "add date prompt": form.Date, "time": form.Time, "add time prompt": form.Time,
	"datetime": form.DateTime, "date time": form.DateTime, "add date time prompt": form.DateTime,
	"note": form.Note, "add note prompt": form.Note,
	"calculate": form.Calculate, "calculation": form.Calculate, "add calculate prompt": form.Calculate, "hidden": form.Hidden,
	"acknowledge": form.Acknowledge, "trigger": form.Acknowledge, "add acknowledge prompt": form.Acknowledge,
	"barcode": form.Barcode, "add barcode prompt": form.Barcode,
	"geopoint": form.Geopoint, "gps": form.Geopoint, "location": form.Geopoint, "add location prompt": form.Geopoint, "q location": form.Geopoint,
	"geotrace": form.Geotrace, "geoshape": form.Geoshape, "start-geopoint": form.Geopoint, "background-geopoint": form.Geopoint,
	"image": form.Image, "photo": form.Image, "add image prompt": form.Image, "q image": form.Image,
	"audio": form.Audio, "add audio prompt": form.Audio, "q audio": form.Audio, "background-audio": form.Audio,
	"video": form.Video, "add video prompt": form.Video, "q video": form.Video, "file": form.File, "add file prompt": form.File,
	"start": form.Metadata, "start time": form.Metadata, "get start time": form.Metadata, "end": form.Metadata, "end time": form.Metadata, "get end time": form.Metadata,
	"today": form.Metadata, "get today": form.Metadata, "deviceid": form.Metadata, "device id": form.Metadata, "get device id": form.Metadata,
	"imei": form.Metadata, "phonenumber": form.Metadata, "get phone number": form.Metadata,
	"username": form.Metadata, "email": form.Metadata, "subscriberid": form.Metadata, "subscriber id": form.Metadata, "get subscriber id": form.Metadata,
	"simserial": form.Metadata, "sim id": form.Metadata, "get sim id": form.Metadata, "simid": form.Metadata, "uri:deviceid": form.Metadata, "uri:phonenumber": form.Metadata,
	"uri:simserial": form.Metadata, "uri:subscriberid": form.Metadata, "uri:username": form.Metadata, "uri:email": form.Metadata, "instance": form.Metadata,
	"phone number": form.Text, "number of days in last month": form.Integer, "number of days in last six months": form.Integer,
	"number of days in last year": form.Integer, "percentage": form.Integer, "audit": form.Audit,
	"xml-external": form.External, "csv-external": form.External,
}

// selectWords begin the types whose answers come from a list; longer ones stand first.
var selectWords = []struct {
	words string
	is    form.Type
}{
	{"select one from file", form.SelectOne}, {"select multiple from file", form.SelectMultiple},
	{"select one external", form.SelectOne},
	{"add select one prompt using", form.SelectOne}, {"add select multiple prompt using", form.SelectMultiple},
	{"select all that apply from", form.SelectMultiple}, {"select all that apply", form.SelectMultiple},
	{"select one from", form.SelectOne}, {"select multiple from", form.SelectMultiple},
	{"select one using", form.SelectOne}, {"select multiple using", form.SelectMultiple},
	{"select one", form.SelectOne}, {"select1", form.SelectOne}, {"select multiple", form.SelectMultiple}, {"select", form.SelectMultiple},
	{"rank", form.Rank},
	{"osm", form.File},
}

// typed is what a cell of the column type says.
type typed struct {
	is       form.Type
	list     string
	file     string
	other    bool
	external bool
	question string // of a select over the answers of a repeat's question: its name
}

// otherWords end a select that takes "other" too.
var otherWords = []string{"or other", "or specify other"}

// parseType reads the type of a question. The words count without regard to case and underscores, the name
// of the list as it is.
func parseType(cell string) (typed, bool) {
	cell = clean(cell)
	lower := strings.ToLower(strings.ReplaceAll(cell, "_", " "))
	if len(lower) != len(cell) { // a letter whose lower case is of another length belongs to no type
		return typed{}, false
	}
	if is, ok := typeWords[lower]; ok {
		return typed{is: is}, true
	}
	// Metadata and the like are known with their hyphens too.
	if is, ok := typeWords[strings.ToLower(cell)]; ok {
		return typed{is: is}, true
	}
	for _, w := range selectWords {
		if lower != w.words && !strings.HasPrefix(lower, w.words+" ") {
			continue
		}
		rest, restLower := strings.TrimSpace(cell[len(w.words):]), strings.TrimSpace(lower[len(w.words):])
		t := typed{is: w.is, external: strings.HasSuffix(w.words, "external")}
		for _, end := range otherWords {
			if restLower == end || strings.HasSuffix(restLower, " "+end) {
				t.other = true
				rest = strings.TrimSpace(rest[:len(restLower)-len(end)])
				break
			}
		}
		switch {
		case strings.HasSuffix(w.words, "from file"):
			t.file = rest
		case strings.HasPrefix(rest, "${") && strings.HasSuffix(rest, "}"):
			t.question = rest[2 : len(rest)-1]
		default:
			t.list = rest
		}
		return t, true
	}
	return typed{}, false
}

// bracket is a row that begins or ends a group.
type bracket uint8

const (
	noBracket bracket = iota
	beginGroup
	beginRepeat
	endGroup
	endRepeat
)

// parseBracket knows "begin group", "begin_group", "begin repeat", "begin loop over toilets", and their ends.
func parseBracket(cell string) bracket {
	lower := strings.ToLower(strings.ReplaceAll(clean(cell), "_", " "))
	verb, what, _ := strings.Cut(lower, " ")
	if verb != "begin" && verb != "end" {
		return noBracket
	}
	noun, _, _ := strings.Cut(what, " ")
	begin := verb == "begin"
	switch noun {
	case "group":
		if begin {
			return beginGroup
		}
		return endGroup
	case "repeat", "lgroup", "loop", "looped":
		if begin {
			return beginRepeat
		}
		return endRepeat
	}
	return noBracket
}
