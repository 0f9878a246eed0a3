package collect

import (
	"strings"

	"waymark/fault"
	"waymark/form/xform"
)

// tag is a start tag within a form's bytes.
type tag struct {
	from, to int    // of the whole tag, with its brackets
	name     string // as written, with its prefix
}

func (t tag) local() string { return t.name[strings.LastIndexByte(t.name, ':')+1:] }

func (t tag) prefix() string { return t.name[:strings.LastIndexByte(t.name, ':')+1] }

// tags finds the start tags of a well-formed document, passing over comments, CDATA and instructions.
func tags(s string, each func(tag) (more bool)) {
	for i := 0; i < len(s); {
		at := strings.IndexByte(s[i:], '<')
		if at < 0 {
			return
		}
		at += i
		rest := s[at:]
		end := ""
		switch {
		case strings.HasPrefix(rest, "<!--"):
			end = "-->"
		case strings.HasPrefix(rest, "<![CDATA["):
			end = "]]>"
		case strings.HasPrefix(rest, "<?"):
			end = "?>"
		case strings.HasPrefix(rest, "</"):
			end = ">"
		}
		if end != "" {
			n := strings.Index(rest, end)
			if n < 0 {
				return
			}
			i = at + n + len(end)
			continue
		}
		quote, k := byte(0), 1
		for ; k < len(rest); k++ {
			c := rest[k]
			if quote != 0 {
				if c == quote {
					quote = 0
				}
			} else if c == '"' || c == '\'' {
				quote = c
			} else if c == '>' {
				break
			}
		}
		if k == len(rest) {
			return
		}
		name := strings.TrimRight(rest[1:k], "/")
		if n := strings.IndexAny(name, " \t\r\n"); n >= 0 {
			name = name[:n]
		}
		if !each(tag{from: at, to: at + k + 1, name: name}) {
			return
		}
		i = at + k + 1
	}
}

// attributeIn finds the value of an attribute by its local name within a start tag: where it stands, without its quotes.
func attributeIn(s string, t tag, local string) (from, to int, ok bool) {
	i := t.from + 1 + len(t.name)
	for i < t.to {
		for i < t.to && strings.IndexByte(" \t\r\n/>", s[i]) >= 0 {
			i++
		}
		equal := strings.IndexByte(s[i:t.to], '=')
		if equal < 0 {
			return 0, 0, false
		}
		name := strings.TrimSpace(s[i : i+equal])
		open := i + equal + 1
		for open < t.to && s[open] != '"' && s[open] != '\'' {
			open++
		}
		if open >= t.to {
			return 0, 0, false
		}
		length := strings.IndexByte(s[open+1:t.to], s[open])
		if length < 0 {
			return 0, 0, false
		}
		if name[strings.LastIndexByte(name, ':')+1:] == local && !strings.HasPrefix(name, "xmlns") {
			return open + 1, open + 1 + length, true
		}
		i = open + length + 2
	}
	return 0, 0, false
}

var escaper = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;", `"`, "&quot;", "'", "&apos;", "\n", "&#10;", "\r", "&#13;", "\t", "&#9;")

// setAttribute gives the document with an attribute of a start tag set; nothing else of it changes.
func setAttribute(s string, t tag, name, value string) string {
	if from, to, ok := attributeIn(s, t, name); ok {
		return s[:from] + escaper.Replace(value) + s[to:]
	}
	at := t.from + 1 + len(t.name)
	return s[:at] + " " + name + `="` + escaper.Replace(value) + `"` + s[at:]
}

// withVersion gives a form's bytes with another version. Nothing else of them changes.
func withVersion(xml []byte, version string) ([]byte, error) {
	s, within, root := string(xml), false, tag{}
	tags(s, func(t tag) bool {
		if within {
			root = t
			return false
		}
		within = t.local() == "instance"
		return true
	})
	if root.to == 0 {
		return nil, fault.Issue{Code: CodeNoPlace}
	}
	return checked(setAttribute(s, root, "version", version), func(v, _ string) bool { return v == version })
}

// withKey gives a form's bytes with the key that phones encrypt records with.
func withKey(xml []byte, key string) ([]byte, error) {
	s := string(xml)
	var submission, bind tag
	tags(s, func(t tag) bool {
		switch t.local() {
		case "submission":
			submission = t
			return false
		case "bind":
			if bind.to == 0 {
				bind = t
			}
		case "body":
			return false
		}
		return true
	})
	switch {
	case submission.to > 0:
		s = setAttribute(s, submission, "base64RsaPublicKey", key)
	case bind.to > 0:
		s = s[:bind.from] + "<" + bind.prefix() + `submission base64RsaPublicKey="` + escaper.Replace(key) + `"/>` + s[bind.from:]
	default:
		return nil, fault.Issue{Code: CodeNoPlace}
	}
	return checked(s, func(_, k string) bool { return k == key })
}

// checked reads the bytes again, so that no form is published that does not say what was written into it.
func checked(s string, holds func(version, key string) bool) ([]byte, error) {
	f, issues := xform.Decode([]byte(s))
	if f == nil {
		return nil, issues
	}
	if !holds(f.Version, f.PublicKey) {
		return nil, fault.Issue{Code: CodeNoPlace}
	}
	return []byte(s), nil
}
