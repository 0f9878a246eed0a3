// Command webform bundles web/form into serve/respond/dist, which the program embeds. It asks for the npm packages
// to be there (npm ci --prefix web/form --ignore-scripts) and for nothing else of Node: esbuild is a Go module.
//
//	go run ./tools/webform
//
// The form engine comes with its styles inside a script, its fonts inside the styles and its words in English. Styles
// and fonts are taken out, so that the page needs no inline style of theirs and a browser fetches a font once; words
// are looked up by code, so that the page speaks its reader's language. A word that is listed and not found fails
// the build: the engine's version is pinned, and a new one is to be looked at.
package main

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/evanw/esbuild/pkg/api"
)

const (
	source = "web/form"
	engine = "web/form/node_modules/@getodk/web-forms/dist"
	target = "serve/respond/dist"
	served = "/f/assets/"
)

// manifest says what was built; serve/respond reads it.
type manifest struct {
	Inputs  string   `json:"inputs"`  // SHA-256 of what it was built from
	Engine  string   `json:"engine"`  // version of the form engine
	Early   string   `json:"early"`   // names of the files that the page asks for, in this order
	Script  string   `json:"script"`  //
	Style   string   `json:"style"`   //
	Worker  string   `json:"worker"`  //
	Offline []string `json:"offline"` // names that the page keeps for when there is no network
}

func main() {
	if err := build(); err != nil {
		fmt.Fprintln(os.Stderr, "webform:", err)
		os.Exit(1)
	}
}

func build() error {
	if _, err := os.Stat(engine); errors.Is(err, fs.ErrNotExist) {
		return errors.New("the form engine is not there; npm ci --prefix web/form --ignore-scripts")
	}
	inputs, err := digest()
	if err != nil {
		return err
	}
	if raw, err := os.ReadFile(filepath.Join(target, "manifest.json")); err == nil {
		var have manifest
		if json.Unmarshal(raw, &have) == nil && have.Inputs == inputs {
			fmt.Println("web form is up to date")
			return nil
		}
	}
	var pkg struct {
		Version string `json:"version"`
	}
	raw, err := os.ReadFile(filepath.Join(engine, "..", "package.json"))
	if err != nil {
		return err
	}
	if err := json.Unmarshal(raw, &pkg); err != nil {
		return err
	}
	b := &bundle{files: map[string][]byte{}, found: map[string]int{}}
	if err := b.run(); err != nil {
		return err
	}
	m := manifest{Inputs: inputs, Engine: pkg.Version, Worker: "worker.js"}
	for name := range b.files {
		switch {
		case strings.HasPrefix(name, "early-"):
			m.Early = name
		case strings.HasPrefix(name, "page-") && strings.HasSuffix(name, ".js"):
			m.Script = name
		case strings.HasPrefix(name, "page-") && strings.HasSuffix(name, ".css"):
			m.Style = name
		}
		if name != m.Worker && name != licences {
			m.Offline = append(m.Offline, name)
		}
	}
	slices.Sort(m.Offline)
	return b.write(m)
}

// digest is over everything that the outcome depends on.
func digest() (string, error) {
	names := []string{source + "/package-lock.json", source + "/words.json", "tools/webform/main.go", "go.sum"}
	more, err := filepath.Glob(source + "/src/*")
	if err != nil {
		return "", err
	}
	h := sha256.New()
	for _, name := range append(names, more...) {
		raw, err := os.ReadFile(name)
		if err != nil {
			return "", err
		}
		fmt.Fprintf(h, "%s %d\n", filepath.ToSlash(name), len(raw))
		h.Write(raw)
	}
	return hex.EncodeToString(h.Sum(nil)), nil
}

// licences is the file that gives the licences of what is bundled.
const licences = "licences.txt"

// bundle is what is being built.
type bundle struct {
	files map[string][]byte
	style string         // the engine's styles, without fonts
	words []word         // of the engine
	found map[string]int // times that a word was found, by its text
}

// word is a text of the engine and the code that stands for it; Script replaces it where it is more than a string.
type word struct {
	Code   string `json:"code"`
	Text   string `json:"text"`             // a string of the engine's source, without quotes
	Match  string `json:"match,omitempty"`  // or a piece of its source
	Script string `json:"script,omitempty"` // and what stands in its place
}

func (b *bundle) run() error {
	raw, err := os.ReadFile(source + "/words.json")
	if err != nil {
		return err
	}
	if err := json.Unmarshal(raw, &b.words); err != nil {
		return fmt.Errorf("words.json: %w", err)
	}
	if err := b.takeStyles(); err != nil {
		return err
	}
	options := api.BuildOptions{
		EntryPoints: []string{source + "/src/early.ts", source + "/src/page.ts"}, Outdir: "out", Bundle: true, Write: false, Splitting: true,
		Format: api.FormatESModule, Platform: api.PlatformBrowser, Target: api.ES2022, PublicPath: served,
		EntryNames: "[name]-[hash]", ChunkNames: "part-[hash]", MinifyWhitespace: true, MinifySyntax: true, MinifyIdentifiers: true,
		LegalComments: api.LegalCommentsNone, LogLevel: api.LogLevelWarning, External: []string{served + "*"},
		Define: map[string]string{"process.env.NODE_ENV": `"production"`, "__VUE_OPTIONS_API__": "true",
			"__VUE_PROD_DEVTOOLS__": "false", "__VUE_PROD_HYDRATION_MISMATCH_DETAILS__": "false"},
		Plugins: []api.Plugin{{Name: "engine", Setup: b.setup}},
	}
	if err := b.take(api.Build(options)); err != nil {
		return err
	}
	for _, w := range b.words {
		if b.found[w.Code] == 0 {
			return fmt.Errorf("words.json: %s is not in the engine", w.Code)
		}
	}
	options.EntryPoints, options.EntryNames, options.Plugins = []string{source + "/src/worker.ts"}, "[name]", nil
	options.Splitting, options.Format = false, api.FormatIIFE
	if err := b.take(api.Build(options)); err != nil {
		return err
	}
	return b.takeLicences()
}

func (b *bundle) take(r api.BuildResult) error {
	if len(r.Errors) > 0 {
		return errors.New(r.Errors[0].Text)
	}
	for _, f := range r.OutputFiles {
		b.files[filepath.Base(f.Path)] = f.Contents
	}
	return nil
}

// setup gives the engine's files as the page needs them.
func (b *bundle) setup(p api.PluginBuild) {
	p.OnResolve(api.OnResolveOptions{Filter: `^engine\.css$`}, func(api.OnResolveArgs) (api.OnResolveResult, error) {
		return api.OnResolveResult{Path: "engine.css", Namespace: "engine", SideEffects: api.SideEffectsTrue}, nil
	})
	p.OnLoad(api.OnLoadOptions{Filter: `.*`, Namespace: "engine"}, func(api.OnLoadArgs) (api.OnLoadResult, error) {
		return api.OnLoadResult{Contents: &b.style, Loader: api.LoaderCSS}, nil
	})
	p.OnLoad(api.OnLoadOptions{Filter: `@getodk[/\\]web-forms[/\\]dist[/\\].*\.js$`}, func(a api.OnLoadArgs) (api.OnLoadResult, error) {
		raw, err := os.ReadFile(a.Path)
		if err != nil {
			return api.OnLoadResult{}, err
		}
		text := string(raw)
		if filepath.Base(a.Path) == "index.js" {
			_, rest, _ := strings.Cut(text, "\nimport ")
			text = "import " + rest
		} else {
			text = b.translate(text)
		}
		return api.OnLoadResult{Contents: &text, Loader: api.LoaderJS}, nil
	})
}

// translate puts a look-up in the place of each listed word.
func (b *bundle) translate(text string) string {
	for _, w := range b.words {
		match, script := w.Match, w.Script
		if match == "" {
			match, script = strconv.Quote(w.Text), fmt.Sprintf("globalThis.waymark(%q)", w.Code)
		}
		if n := strings.Count(text, match); n > 0 {
			b.found[w.Code] += n
			text = strings.ReplaceAll(text, match, script)
		}
	}
	return text
}

var (
	woff  = regexp.MustCompile(`,\s*url\(data:font/woff;base64,[A-Za-z0-9+/=]+\)\s*format\(["']?woff["']?\)`)
	woff2 = regexp.MustCompile(`url\(data:font/woff2;base64,([A-Za-z0-9+/=]+)\)`)
)

// takeStyles takes the styles out of the script that would put them into the page, and the fonts out of the styles.
func (b *bundle) takeStyles() error {
	raw, err := os.ReadFile(engine + "/index.js")
	if err != nil {
		return err
	}
	_, rest, begins := strings.Cut(string(raw), "createTextNode('")
	quoted, _, ends := strings.Cut(rest, "')),document.head.appendChild")
	if !begins || !ends {
		return errors.New("the engine's styles are not where they were")
	}
	css, err := unquote(quoted)
	if err != nil {
		return err
	}
	css = logical(woff.ReplaceAllString(css, ""))
	var failed error
	b.style = woff2.ReplaceAllStringFunc(css, func(url string) string {
		font, err := base64.StdEncoding.DecodeString(woff2.FindStringSubmatch(url)[1])
		if err != nil {
			failed = err
			return url
		}
		sum := sha256.Sum256(font)
		name := "font-" + hex.EncodeToString(sum[:4]) + ".woff2"
		b.files[name] = font
		return "url(" + served + name + ")"
	})
	if strings.Contains(b.style, "data:font") {
		return errors.New("a font is left in the engine's styles")
	}
	return failed
}

// sides are left and right as the engine's styles have them, and what they are where the form reads from right to left.
var sides = strings.NewReplacer(
	"margin-left:", "margin-inline-start:", "margin-right:", "margin-inline-end:",
	"padding-left:", "padding-inline-start:", "padding-right:", "padding-inline-end:",
	"border-left:", "border-inline-start:", "border-right:", "border-inline-end:",
	"text-align:left", "text-align:start", "text-align:right", "text-align:end",
	"float:left", "float:inline-start", "float:right", "float:inline-end",
	"{left:", "{inset-inline-start:", ";left:", ";inset-inline-start:", "{right:", "{inset-inline-end:", ";right:", ";inset-inline-end:",
)

// logical turns sides into start and end, but for maps, which read from left to right everywhere.
func logical(css string) string {
	rules := strings.SplitAfter(css, "}")
	for n, rule := range rules {
		if !strings.Contains(rule, ".ol-") && !strings.Contains(rule, ".map-") {
			rules[n] = sides.Replace(rule)
		}
	}
	return strings.Join(rules, "")
}

// unquote reads the inside of a JavaScript string in single quotes.
func unquote(s string) (string, error) {
	var out strings.Builder
	for i := 0; i < len(s); i++ {
		if s[i] != '\\' {
			out.WriteByte(s[i])
			continue
		}
		i++
		if i == len(s) {
			return "", errors.New("the engine's styles end in an escape")
		}
		switch c := s[i]; c {
		case 'n':
			out.WriteByte('\n')
		case 't':
			out.WriteByte('\t')
		case '\'', '"', '\\':
			out.WriteByte(c)
		case 'u':
			if i+4 >= len(s) {
				return "", errors.New("the engine's styles end in an escape")
			}
			n, err := strconv.ParseUint(s[i+1:i+5], 16, 16)
			if err != nil {
				return "", err
			}
			out.WriteRune(rune(n))
			i += 4
		default:
			return "", fmt.Errorf("the engine's styles hold \\%c", c)
		}
	}
	return out.String(), nil
}

// takeLicences gathers the licences of the packages that the bundle is made of.
func (b *bundle) takeLicences() error {
	var out bytes.Buffer
	err := filepath.WalkDir(source+"/node_modules", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		base := strings.ToLower(d.Name())
		if !strings.HasPrefix(base, "licen") || strings.HasSuffix(base, ".js") {
			return nil
		}
		raw, err := os.ReadFile(name)
		if err != nil {
			return err
		}
		folder, _ := filepath.Rel(source+"/node_modules", filepath.Dir(name))
		fmt.Fprintf(&out, "==== %s\n\n%s\n\n", filepath.ToSlash(folder), bytes.TrimSpace(raw))
		return nil
	})
	b.files[licences] = out.Bytes()
	return err
}

// write replaces what stood in the folder. Files are kept compressed, as browsers take them; fonts are so by themselves.
func (b *bundle) write(m manifest) error {
	old, err := filepath.Glob(target + "/*")
	if err != nil {
		return err
	}
	for _, name := range old {
		if strings.HasPrefix(filepath.Base(name), ".") { // .keep, which is committed
			continue
		}
		if err := os.Remove(name); err != nil {
			return err
		}
	}
	if err := os.MkdirAll(target, 0o755); err != nil {
		return err
	}
	for name, raw := range b.files {
		size := len(raw)
		if filepath.Ext(name) != ".woff2" {
			var packed bytes.Buffer
			z, err := gzip.NewWriterLevel(&packed, gzip.BestCompression)
			if err != nil {
				return err
			}
			if _, err := z.Write(raw); err != nil {
				return err
			}
			if err := z.Close(); err != nil {
				return err
			}
			name, raw = name+".gz", packed.Bytes()
		}
		fmt.Printf("%9d %9d %s\n", size, len(raw), name)
		if err := os.WriteFile(filepath.Join(target, name), raw, 0o644); err != nil {
			return err
		}
	}
	raw, err := json.MarshalIndent(m, "", "  ")
	if err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(target, "manifest.json"), append(raw, '\n'), 0o644) // last: it says that all is there
}
