package web

import (
	"encoding/xml"
	"errors"
	"html"
	"io"
	"io/fs"
	"net/http/httptest"
	"os"
	"path"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode"

	"waymark/collect"
	"waymark/dataset"
	"waymark/fault"
	"waymark/form"
	"waymark/lang"
	"waymark/trust/access"
)

// views are the views of every page, empty. A template that is not here fails TestEveryPage.
var views = map[string]any{
	"error": errorView{Kind: "conflict"}, "set-up": doorView{}, "sign-in": doorView{}, "account": accountView{},
	"projects": projectsView{}, "settings": settingsView{}, "project": homeView{},
	"forms": formsView{}, "upload": uploadView{}, "form": formView{}, "changes": changesView{}, "test": testView{},
	"record-forms": formsView{}, "records": recordsView{}, "record": recordView{Record: collect.Record{Review: collect.Received}}, "edit": editView{}, "history": historyView{},
	"enumerators": enumeratorsView{}, "flags": flagsView{}, "quarantine": quarantineView{}, "held": heldBodyView{},
	"openings": openingsView{}, "devices": devicesView{}, "entity-lists": listsView{}, "entities": entitiesView{}, "entity": entityView{},
	"hooks": hooksView{}, "deliveries": deliveriesView{}, "exports": exportsView{}, "reports": reportsView{}, "paper": paperView{say: silent()},
	"users": usersView{}, "user": userView{}, "roles": rolesView{}, "audit": auditView{},
}

// silent says nothing: a paper in a language of its own.
func silent() *voice {
	p, _ := lang.New("en") // one of lang.Tags
	return &voice{Printer: p, zone: time.UTC}
}

// codes are fields that hold codes of texts: what stands in them is one of a list, whatever people write.
var codesOf = map[string][]string{
	"Kind": {"added"}, "What": {"added", "removed", "changed"}, "Field": {"label"}, "Op": {"is"}, "Missing": {"refused"}, "Outcome": {"explained"}, "Conflict": {"hard"},
	"Event": {"record.accepted"}, "Events": {"form.published"}, "Code": {"data-quality"}, "Purposes": {"referral"}, "Lang": {"en"}, "Acts": {"form"},
}

// codesIn are those of single views, where a name means something else.
var codesIn = map[string][]string{
	"changeView.Kind": {"question"}, "errorView.Kind": {"gone"}, "editField.Kind": {"one", "many", "date"}, "paperItem.Kind": {"one", "many", "rank"},
	"heldLine.Outcome": {"accepted"}, "Quarantined.Outcome": {"accepted"}, "settled.Outcome": {"accepted"}, "rightGroup.Name": {"protected"},
	"auditLine.What": {"signed in"}, "levelView.Code": {"x"}, "roleColumn.Code": {"viewer"}, "kindLine.Code": {"flag.short"}, "fieldChange.Field": {"hint"},
	"conditionView.Field": {"sex"}, "problem.Field": {"name"}, "Entry.Purpose": {"aggregate"}, "openingsView.Purpose": {"referral"},
}

// filler fills a view with texts, so that every branch of a template is walked.
type filler struct {
	text string
	n    int
}

func (f *filler) fill(v reflect.Value, where string, depth int) {
	if depth > 7 || !v.CanSet() {
		return
	}
	if known, ok := f.special(v); ok {
		v.Set(reflect.ValueOf(known))
		return
	}
	switch v.Kind() {
	case reflect.String:
		v.SetString(f.pick(where))
	case reflect.Bool:
		v.SetBool(true)
	case reflect.Int, reflect.Int64:
		f.n++
		v.SetInt(int64(1 + f.n%3))
	case reflect.Uint8:
		v.SetUint(1)
	case reflect.Float64:
		v.SetFloat(0.25)
	case reflect.Struct:
		for i := range v.NumField() {
			name := v.Type().Name() + "." + v.Type().Field(i).Name
			f.fill(v.Field(i), name, depth+1)
		}
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		f.fill(v.Elem(), where, depth+1)
	case reflect.Slice:
		s := reflect.MakeSlice(v.Type(), 3, 3)
		for i := range 3 {
			f.fill(s.Index(i), where, depth+1)
		}
		v.Set(s)
	case reflect.Map:
		m := reflect.MakeMap(v.Type())
		key, value := reflect.New(v.Type().Key()).Elem(), reflect.New(v.Type().Elem()).Elem()
		f.fill(key, where, depth+1)
		f.fill(value, where, depth+1)
		m.SetMapIndex(key, value)
		v.Set(m)
	}
}

func (f *filler) special(v reflect.Value) (any, bool) {
	switch v.Interface().(type) {
	case time.Time:
		return time.Date(2026, 11, 22, 13, 5, 0, 0, time.UTC), true
	case collect.Review:
		return collect.HasIssues, true
	case collect.FormState:
		return collect.Closing, true
	case collect.Outcome:
		return collect.TakeHeld, true
	case access.Right:
		return access.ReadRestricted, true
	case fault.Code:
		return CodeNoFile, true
	case fault.Issues:
		return fault.Issues{{Code: CodeNoFile}}, true
	case map[string]any:
		return map[string]any{}, true
	case dataset.Missing:
		return dataset.Refused, true
	case form.Path:
		return form.Path{"a", "b"}, true
	}
	return nil, false
}

func (f *filler) pick(where string) string {
	_, field, _ := strings.Cut(where, ".")
	list, ok := codesIn[where]
	if !ok {
		list, ok = codesOf[field]
	}
	if !ok || len(list) == 0 {
		return f.text
	}
	f.n++
	return list[f.n%len(list)]
}

const hostile = `"><script>alert(1)</script><img src=x onerror=alert(2)>' --> {{.}} ` + "\u202e" + `évil`

func testSite(t testing.TB) *site {
	t.Helper()
	s := newSite(nil, Options{Zone: time.UTC, Now: func() time.Time { return time.Date(2026, 11, 22, 15, 0, 0, 0, time.UTC) }})
	turned := *s.voices["en"]
	turned.turn = pseudoArabic
	s.voices["ar"] = &turned
	return s
}

// pseudoArabic turns a text into Arabic letters of about its length: what is left in Latin stands outside the texts.
func pseudoArabic(s string) string {
	letters := []rune("ابتثجحخدذرزسشصضطظعغفقكلمنهوي")
	return strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) && r < 0x600 {
			return letters[int(r)%len(letters)]
		}
		return r
	}, s)
}

func everyRight() access.Actor {
	a := access.Actor{Kind: access.User, ID: 1}
	for _, r := range access.Rights() {
		a.Rights = append(a.Rights, access.Held{Right: r})
	}
	return a
}

// render writes a page as a handler does.
func render(t testing.TB, s *site, tag, name string, view any, text string) string {
	t.Helper()
	a := &ask{site: s, voice: s.voices[tag], w: httptest.NewRecorder(), r: httptest.NewRequest("GET", "/x?done=saved", nil), by: everyRight()}
	a.user = collect.User{ID: 1, Name: text}
	a.project = collect.Project{ID: 3, Name: text, Note: text, Training: true, RetainDays: 30}
	a.form = collect.Form{ID: "x" + text, Title: text, State: collect.Open, Current: &collect.Version{Version: text}, Draft: &collect.Version{Version: text}}
	f := a.frame(text, "forms", view)
	f.Problems = []problem{{Field: "name", Text: text}, {Field: "value1", Text: text}, {Text: text}}
	if err := a.write(200, name, f); err != nil {
		t.Fatalf("%s in %s: %v", name, tag, err)
	}
	return a.w.(*httptest.ResponseRecorder).Body.String()
}

var (
	leftCode = regexp.MustCompile(`>[^<]*\bweb\.[a-z-]+[.a-z-]*`)
	inlined  = regexp.MustCompile(`(?i)<[^>]*\s(style|on[a-z]+)=|<style|<script(?:>| [^>]*>[^<])`)
	quoted   = regexp.MustCompile(`"[^"]*"`)
	anchors  = regexp.MustCompile(`\sid="([^"]*)"`)
	labels   = regexp.MustCompile(`\sfor="([^"]*)"`)
	unsafeIn = regexp.MustCompile(`ZgotmplZ|<script>alert|<img src=x`)
	physical = regexp.MustCompile(`(?m)[{;\s](margin|padding|border)-(left|right)\b|[{;\s](left|right)\s*:|text-align:\s*(left|right)`)
)

func TestEveryPage(t *testing.T) {
	s := testSite(t)
	names, err := fs.Glob(templates, "templates/*.html")
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range names {
		name := strings.TrimSuffix(path.Base(file), ".html")
		if name == "frame" || name == "parts" {
			continue
		}
		view, ok := views[name]
		if !ok {
			t.Errorf("%s has no view in the test", name)
			continue
		}
		for _, tag := range []string{"en", "fr", "ar"} {
			for kind, text := range map[string]string{"full": "Assamaka", "hostile": hostile, "empty": ""} {
				t.Run(name+"/"+tag+"/"+kind, func(t *testing.T) {
					v := reflect.New(reflect.TypeOf(view))
					v.Elem().Set(reflect.ValueOf(view))
					if kind != "empty" {
						(&filler{text: text}).fill(v.Elem(), "", 0)
					}
					page := render(t, s, tag, name, v.Elem().Interface(), text)
					checkPage(t, page, tag, kind)
					if dir := os.Getenv("WAYMARK_SAMPLE"); dir != "" && tag == "ar" && kind == "full" { // to be looked at
						if err := os.WriteFile(filepath.Join(dir, name+"-ar.html"), []byte(strings.ReplaceAll(page, "/assets/", "")), 0o644); err != nil {
							t.Fatal(err)
						}
					}
				})
			}
		}
	}
}

func checkPage(t *testing.T, page, tag, kind string) {
	t.Helper()
	if m := leftCode.FindString(page); m != "" {
		t.Errorf("a text is missing: %s", m)
	}
	if m := inlined.FindString(quoted.ReplaceAllString(page, `""`)); m != "" {
		t.Errorf("inline script or style: %.120s", m)
	}
	if m := unsafeIn.FindString(page); m != "" {
		t.Errorf("hostile text got through: %s", m)
	}
	ids := map[string]bool{}
	for _, m := range anchors.FindAllStringSubmatch(page, -1) {
		ids[m[1]] = true
	}
	for _, m := range labels.FindAllStringSubmatch(page, -1) {
		if kind != "hostile" && !ids[m[1]] {
			t.Errorf("a label is for %q, which is not there", m[1])
		}
	}
	if strings.Count(page, "<h1") != 1 {
		t.Errorf("%d first headings", strings.Count(page, "<h1"))
	}
	if tag == "ar" && !strings.Contains(page, `dir="rtl"`) {
		t.Error("a page in Arabic is not written from right to left")
	}
	balanced(t, page)
}

// balanced reads a page as a tree: what is opened is closed.
func balanced(t *testing.T, page string) {
	t.Helper()
	d := xml.NewDecoder(strings.NewReader(page))
	d.Strict, d.AutoClose, d.Entity = false, xml.HTMLAutoClose, xml.HTMLEntity
	var open []string
	for {
		token, err := d.RawToken()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatalf("not well formed: %v", err)
		}
		switch e := token.(type) {
		case xml.StartElement:
			if !slices.Contains(xml.HTMLAutoClose, strings.ToLower(e.Name.Local)) {
				open = append(open, e.Name.Local)
			}
		case xml.EndElement:
			if slices.Contains(xml.HTMLAutoClose, strings.ToLower(e.Name.Local)) {
				continue
			}
			if len(open) == 0 || open[len(open)-1] != e.Name.Local {
				t.Fatalf("</%s> closes %v", e.Name.Local, open)
			}
			open = open[:len(open)-1]
		}
	}
	if len(open) > 0 {
		t.Errorf("left open: %v", open)
	}
}

func TestHostileTextIsShownAsText(t *testing.T) {
	page := render(t, testSite(t), "en", "projects", projectsView{Open: []projectLine{{Project: collect.Project{ID: 1, Name: hostile}}}}, "x")
	if !strings.Contains(page, html.EscapeString("<script>alert(1)</script>")) {
		t.Error("the name of a project is not shown as it was written")
	}
}

func TestSidesAreLogical(t *testing.T) {
	raw, err := assetFiles.ReadFile("assets/staff.css")
	if err != nil {
		t.Fatal(err)
	}
	if m := physical.FindString(string(raw)); m != "" {
		t.Errorf("staff.css names a side of the paper, which Arabic turns around: %q", m)
	}
}
