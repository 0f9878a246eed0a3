package lang

import (
	"embed"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"

	"github.com/BurntSushi/toml"
	"github.com/nicksnyder/go-i18n/v2/i18n"
)

//go:embed messages/*.toml
var messages embed.FS

// Rooms lists the rooms that have texts, in order.
func Rooms() []string {
	var rooms []string
	names, _ := fs.Glob(messages, "messages/*.en.toml")
	for _, name := range names {
		rooms = append(rooms, strings.TrimSuffix(path.Base(name), ".en.toml"))
	}
	return rooms
}

// Codes lists the codes that a room has texts for in a language, in order.
func Codes(room, tag string) ([]string, error) {
	texts, err := read(room, tag)
	if err != nil {
		return nil, err
	}
	codes := make([]string, 0, len(texts))
	for code := range texts {
		codes = append(codes, code)
	}
	slices.Sort(codes)
	return codes, nil
}

// message finds a text in the printer's language: in the room that the code names, else in any.
// The caller holds the lock.
func (p *Printer) message(code string) (i18n.Message, bool) {
	room, _, _ := strings.Cut(code, ".")
	p.load(room)
	if m, ok := p.forms[code]; ok {
		return m, true
	}
	if !p.all {
		p.all = true
		for _, room := range Rooms() {
			p.load(room)
		}
	}
	m, ok := p.forms[code]
	return m, ok
}

// load reads a room's texts once. A file that cannot be read counts as empty: the test of this package names it.
func (p *Printer) load(room string) {
	if p.loaded[room] {
		return
	}
	if p.bundle == nil {
		p.bundle = i18n.NewBundle(tagOf(p.tag))
		p.loaded = map[string]bool{}
		p.forms = map[string]i18n.Message{}
		p.set = map[string]bool{}
		p.local = i18n.NewLocalizer(p.bundle, p.tag)
	}
	p.loaded[room] = true
	texts, err := read(room, p.tag)
	if err != nil {
		return
	}
	for code, forms := range texts {
		p.forms[code] = forms.message(code)
	}
}

// ready gives a text its typography and hands it to the bundle, once: most texts of a room are never printed.
// The caller holds the lock.
func (p *Printer) ready(m i18n.Message) {
	if p.set[m.ID] {
		return
	}
	p.set[m.ID] = true
	for _, form := range []*string{&m.One, &m.Many, &m.Other} {
		*form = Typeset(p.tag, *form)
	}
	p.bundle.MustAddMessages(tagOf(p.tag), &m)
}

// forms are the plural forms of one text as a file writes them.
type forms struct {
	One   string `toml:"one"`
	Many  string `toml:"many"`
	Other string `toml:"other"`
}

func (f forms) message(code string) i18n.Message {
	return i18n.Message{ID: code, One: f.One, Many: f.Many, Other: f.Other}
}

// read parses one file of texts; a key that is not a plural form of the two languages is refused.
func read(room, tag string) (map[string]forms, error) {
	name := "messages/" + room + "." + tag + ".toml"
	raw, err := messages.ReadFile(name)
	if err != nil {
		return nil, err
	}
	texts := map[string]forms{}
	meta, err := toml.Decode(string(raw), &texts)
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", name, err)
	}
	if extra := meta.Undecoded(); len(extra) > 0 {
		return nil, fmt.Errorf("read %s: %s is not one, many or other", name, extra[0])
	}
	return texts, nil
}

// placeholders lists the arguments that a text names, in order, each once. It reads what texts hold, {{.name}}
// and {{if .name}}, not all that a template may.
func placeholders(text string) []string {
	var names []string
	for {
		_, rest, found := strings.Cut(text, "{{")
		action, after, closed := strings.Cut(rest, "}}")
		if !found || !closed {
			return names
		}
		for _, word := range strings.Fields(action) {
			name, ok := strings.CutPrefix(word, ".")
			if ok && !slices.Contains(names, name) {
				names = append(names, name)
			}
		}
		text = after
	}
}
