package main

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"waymark/fault"
)

// words turns codes into texts of one language.
type words struct {
	tag string
}

func newWords(tag string) *words { return &words{tag: tag} }

// Text gives the text of a code.
func (w *words) Text(code fault.Code, args map[string]any) string {
	return fault.Issue{Code: code, Args: args}.Error()
}

// speak gives the room's words, in the language of --lang, else of LC_ALL, LC_MESSAGES or LANG, else English.
func (r *room) speak() *words {
	if r.words == nil {
		r.words = newWords(r.tag())
	}
	return r.words
}

func (r *room) tag() string {
	if r.language == "en" || r.language == "fr" {
		return r.language
	}
	for _, name := range []string{"LC_ALL", "LC_MESSAGES", "LANG"} {
		if v := r.getenv(name); v != "" {
			if strings.HasPrefix(strings.ToLower(v), "fr") {
				return "fr"
			}
			return "en"
		}
	}
	return "en"
}

// complain prints an error with its hint on standard error: one line an issue, place first.
func (r *room) complain(err error) {
	w := r.speak()
	issues := fault.Of(err)
	if len(issues) == 0 {
		fmt.Fprintf(r.err, "waymark: %v\n", err)
		return
	}
	for _, i := range issues {
		place := i.Place.String()
		if place != "" {
			place += ": "
		}
		fmt.Fprintf(r.err, "waymark: %s%s\n", place, w.Text(i.Code, i.Args))
	}
}

// translate puts words in the place of the codes that commands carry, before help is printed.
func (r *room) translate(root *cobra.Command) {
	w := r.speak()
	var walk func(*cobra.Command)
	walk = func(c *cobra.Command) {
		c.Short, c.Long = w.help(c.Short), w.help(c.Long)
		each := func(f *pflag.Flag) { f.Usage = w.help(f.Usage) }
		c.LocalFlags().VisitAll(each)
		for _, sub := range c.Commands() {
			walk(sub)
		}
	}
	walk(root)
}

// help gives the text of a help code; what is no code of ours (the flag parser's own) stays.
func (w *words) help(s string) string {
	if !strings.Contains(s, ".") || strings.ContainsAny(s, " \n") {
		return s
	}
	return w.Text(fault.Code(s), nil)
}
