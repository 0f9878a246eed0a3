package xlsform

import (
	"regexp"
	"strings"

	"waymark/form"
)

// kind is a type of question: what it asks for, the element that shows it, and what holds of its answer.
type kind struct {
	word    string // the one word for it
	is      form.Type
	element string // "" where nothing is shown
	bind    []form.Property
	control []form.Property
	hint    string
}

func bound(values ...string) []form.Property {
	var out []form.Property
	for i := 0; i+1 < len(values); i += 2 {
		out = append(out, form.Property{Name: values[i], Value: values[i+1]})
	}
	return out
}

// upload is a kind answered with a file.
func upload(word string, is form.Type, media string) kind {
	return kind{word: word, is: is, element: "upload", bind: bound("type", "binary"), control: bound("mediatype", media)}
}

// input is a kind typed in or pointed at.
func input(word string, is form.Type, data string) kind {
	return kind{word: word, is: is, element: "input", bind: bound("type", data)}
}

// preload is a kind that the phone fills in.
func preload(word, data, from, what string) kind {
	return kind{word: word, is: form.Metadata, bind: bound("type", data, "jr:preload", from, "jr:preloadParams", what)}
}

// days is a kind of older forms: a number up to the days of a span.
func days(word, most string) kind {
	return kind{word: word, is: form.Integer, element: "input", bind: bound("type", "int", "constraint", "0 <= . and . <= "+most), hint: "Enter a number 0-" + most + "."}
}

// kinds are the types of questions; aliases are further words for them.
var (
	kinds = []kind{
		input("text", form.Text, "string"), input("integer", form.Integer, "int"), input("decimal", form.Decimal, "decimal"),
		{word: "range", is: form.Range, element: "range", bind: bound("type", "int")},
		input("date", form.Date, "date"), input("time", form.Time, "time"), input("dateTime", form.DateTime, "dateTime"),
		{word: "note", is: form.Note, element: "input", bind: bound("readonly", "true()", "type", "string")},
		{word: "calculate", is: form.Calculate, bind: bound("type", "string")},
		{word: "hidden", is: form.Hidden, bind: bound("type", "string")},
		{word: "acknowledge", is: form.Acknowledge, element: "trigger", bind: bound("type", "string")},
		{word: "trigger", is: form.Acknowledge, element: "trigger"},
		input("barcode", form.Barcode, "barcode"),
		input("geopoint", form.Geopoint, "geopoint"), input("geotrace", form.Geotrace, "geotrace"), input("geoshape", form.Geoshape, "geoshape"),
		input("gps", form.Geopoint, "geopoint"),
		{word: "start-geopoint", is: form.Geopoint, bind: bound("type", "geopoint")},
		{word: "background-geopoint", is: form.Geopoint, element: "trigger", bind: bound("type", "geopoint")},
		upload("image", form.Image, "image/*"), upload("picture", form.Image, "image/*"),
		upload("audio", form.Audio, "audio/*"), upload("video", form.Video, "video/*"), upload("file", form.File, "application/*"),
		upload("osm", form.File, "osm/*"),
		{word: "background-audio", is: form.Audio, bind: bound("type", "binary")},
		{word: "audit", is: form.Audit, bind: bound("type", "binary")},
		{word: "xml-external", is: form.External}, {word: "csv-external", is: form.External},
		preload("start", "dateTime", "timestamp", "start"), preload("end", "dateTime", "timestamp", "end"), preload("today", "date", "date", "today"),
		preload("deviceid", "string", "property", "deviceid"), preload("phonenumber", "string", "property", "phonenumber"),
		preload("simserial", "string", "property", "simserial"), preload("subscriberid", "string", "property", "subscriberid"),
		preload("username", "string", "property", "username"), preload("email", "string", "property", "email"),
		preload("uri:deviceid", "string", "property", "uri:deviceid"), preload("uri:phonenumber", "string", "property", "uri:phonenumber"),
		preload("uri:simserial", "string", "property", "uri:simserial"), preload("uri:subscriberid", "string", "property", "uri:subscriberid"),
		preload("uri:username", "string", "property", "uri:username"), preload("uri:email", "string", "property", "uri:email"),
		{word: "phone number", is: form.Text, element: "input", bind: bound("type", "string", "constraint", `regex(., '^\d*$')`), hint: "Enter numbers only."},
		{word: "percentage", is: form.Integer, element: "input", bind: bound("type", "int", "constraint", "0 <= . and . <= 100")},
		days("number of days in last month", "31"), days("number of days in last six months", "183"), days("number of days in last year", "365"),
		{word: selectOne, is: form.SelectOne, element: "select1", bind: bound("type", "string")},
		{word: selectExternal, is: form.SelectOne, element: "input", bind: bound("type", "string")},
		{word: selectMultiple, is: form.SelectMultiple, element: "select", bind: bound("type", "string")},
		{word: rank, is: form.Rank, element: "odk:rank", bind: bound("type", "odk:rank")},
	}
	aliases = map[string]string{
		"string": "text", "q string": "text", "add text prompt": "text", "int": "integer", "q int": "integer", "add integer prompt": "integer",
		"q decimal": "decimal", "add decimal prompt": "decimal", "q date": "date", "add date prompt": "date", "add time prompt": "time",
		"date time": "dateTime", "q date time": "dateTime", "q datetime": "dateTime", "add date time prompt": "dateTime", "add datetime prompt": "dateTime",
		"q note": "note", "add note prompt": "note", "q calculate": "calculate", "add calculate prompt": "calculate", "calculation": "calculate",
		"q acknowledge": "acknowledge", "add acknowledge prompt": "acknowledge", "q barcode": "barcode", "add barcode prompt": "barcode",
		"location": "gps", "q location": "gps", "q geopoint": "gps", "add location prompt": "gps", "q geotrace": "geotrace", "q geoshape": "geoshape",
		"photo": "image", "add image prompt": "image", "add photo prompt": "image", "q picture": "picture", "q image": "picture",
		"q audio": "audio", "add audio prompt": "audio", "q video": "video", "add video prompt": "video", "add file prompt": "file",
		"start time": "start", "get start time": "start", "end time": "end", "get end time": "end", "get today": "today",
		"imei": "deviceid", "device id": "deviceid", "get device id": "deviceid", "get phone number": "phonenumber",
		"sim id": "simserial", "get sim id": "simserial", "subscriber id": "subscriberid", "get subscriber id": "subscriberid",
	}
)

// The one words of questions with choices.
const (
	selectOne      = "select one"
	selectMultiple = "select all that apply"
	selectExternal = "select one external"
	rank           = "rank"
)

// kindsByWord finds kinds by their words in lower case.
var kindsByWord = func() map[string]*kind {
	m := map[string]*kind{}
	for i := range kinds {
		m[strings.ToLower(kinds[i].word)] = &kinds[i]
	}
	for alias, word := range aliases {
		m[alias] = m[strings.ToLower(word)]
	}
	return m
}()

// kindOf reads the type of a question that takes no choices; case and underscores do not count.
func kindOf(written string) *kind {
	lower := strings.ToLower(written)
	if k := kindsByWord[lower]; k != nil {
		return k
	}
	return kindsByWord[strings.ReplaceAll(lower, "_", " ")]
}

// selectWords begin the types whose answers come from a list; longer ones stand first.
var selectWords = []struct {
	words, kind string
	file        bool
}{
	{"select one from file", selectOne, true}, {"select multiple from file", selectMultiple, true},
	{"select one external", selectExternal, false},
	{"add select one prompt using", selectOne, false}, {"add select multiple prompt using", selectMultiple, false},
	{"select all that apply from", selectMultiple, false}, {"select all that apply", selectMultiple, false},
	{"select one from", selectOne, false}, {"select multiple from", selectMultiple, false},
	{"select one using", selectOne, false}, {"select multiple using", selectMultiple, false},
	{"select one", selectOne, false}, {"select1", selectOne, false}, {"select multiple", selectMultiple, false},
	{"rank", rank, false},
}

// selection is what the type of a question with choices says.
type selection struct {
	kind  *kind
	list  string
	file  bool
	other bool
}

// otherWords end a select that takes "other" too.
var otherWords = []string{"or specify other", "or other"}

// selectionOf reads the type of a question with choices. The words count without regard to case and
// underscores, the name of the list as it is.
func selectionOf(written string) (selection, bool) {
	lower := strings.ToLower(strings.ReplaceAll(written, "_", " "))
	if len(lower) != len(written) { // a letter whose lower case is of another length belongs to no type
		return selection{}, false
	}
	for _, w := range selectWords {
		if lower != w.words && !strings.HasPrefix(lower, w.words+" ") {
			continue
		}
		s := selection{kind: kindsByWord[w.kind], file: w.file}
		list, lowerList := strings.TrimSpace(written[len(w.words):]), strings.TrimSpace(lower[len(w.words):])
		for _, end := range otherWords {
			if lowerList == end || strings.HasSuffix(lowerList, " "+end) {
				s.other = true
				list = strings.TrimSpace(list[:len(lowerList)-len(end)])
				break
			}
		}
		if strings.ContainsRune(list, ' ') {
			continue // "select one from file places.csv" is no list called "file places.csv"
		}
		s.list = list
		return s, true
	}
	return selection{}, false
}

// bracket is a row that begins or ends a group.
type bracket struct {
	begins, ends bool
	noun         string // group, repeat or loop
	list         string // of a loop
}

var bracketPattern = regexp.MustCompile(`^(?i)(begin|end)[ _](group|lgroup|repeat|loop|looped[ _]group)(?:[ _](?:over )?(\S+))?$`)

// bracketOf knows "begin group", "begin_group", "begin repeat", "begin loop over toilets", and their ends.
func bracketOf(written string) bracket {
	if len(written) < len("end loop") || written[0]|0x20 != 'b' && written[0]|0x20 != 'e' {
		return bracket{}
	}
	m := bracketPattern.FindStringSubmatch(written)
	if m == nil {
		return bracket{}
	}
	b := bracket{begins: strings.EqualFold(m[1], "begin"), ends: strings.EqualFold(m[1], "end"), noun: strings.ToLower(m[2]), list: m[3]}
	if b.noun == "lgroup" || strings.HasPrefix(b.noun, "looped") {
		b.noun = "repeat"
	}
	return b
}
