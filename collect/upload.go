package collect

import (
	"bytes"
	"context"
	"crypto/md5"
	"encoding/hex"
	"errors"
	"path"
	"strings"
	"time"

	"waymark/fault"
	"waymark/form"
	"waymark/trust/access"
)

// What cannot be taken for a form.
const (
	CodeNotAForm  fault.Code = "collect.not-a-form"  //
	CodeFormLarge fault.Code = "collect.form-large"  // limit: MiB
	CodeNoPlace   fault.Code = "collect.no-instance" //
)

const (
	largestForm   = 32 << 20
	longestFormID = 64
)

// UploadForm compiles a workbook (.xlsx, .xls, .csv, .md by its first bytes and name) or reads XForm XML and keeps
// it as the form's draft. Hard issues keep nothing and come back as the error; soft ones come with the version.
func (d *Desk) UploadForm(ctx context.Context, by access.Actor, project int64, name string, file []byte) (Version, error) {
	if err := need(by, access.ManageForms, project); err != nil {
		return Version{}, err
	}
	v, err := d.compile(name, file)
	if err != nil {
		return Version{}, err
	}
	v.Project, v.By = project, actorID(by)
	defer d.forget(project)
	return written(ctx, d, func(tx Tx) (Version, error) { return d.putDraft(tx, by, v) })
}

// compile makes the bytes that phones get of a file.
func (d *Desk) compile(name string, file []byte) (Version, error) {
	if len(file) > largestForm {
		return Version{}, fault.Issue{Code: CodeFormLarge, Args: map[string]any{"limit": largestForm >> 20}}
	}
	name = path.Base(strings.ReplaceAll(name, "\\", "/"))
	v := Version{Draft: true, SourceName: name}
	text := bytes.TrimLeft(bytes.TrimPrefix(file, []byte("\xEF\xBB\xBF")), " \t\r\n")
	if len(text) > 0 && text[0] == '<' {
		v.XML = file
	} else {
		if err := v.compileSheets(name, file); err != nil {
			return Version{}, err
		}
	}
	v.Hash = hashOf(v.XML)
	e, issues, err := newEdition(v)
	if err != nil {
		return Version{}, issues
	}
	if v.Source == nil { // what the compiler said of sheets holds; of bytes that were sent, what was read in them
		v.Issues = issues
	} else {
		for _, i := range issues {
			if i.Code == CodeListStrict {
				v.Issues = append(v.Issues, i)
			}
		}
	}
	if e.form.ID == "" || len(e.form.ID) > longestFormID || strings.ContainsAny(e.form.ID, "/\\?#%\"<>\r\n\t") {
		return Version{}, fault.Issue{Code: CodeFormID, Args: map[string]any{"limit": longestFormID}}
	}
	v.Form, v.Version = e.form.ID, e.form.Version
	v.Media = mediaOf(e.form)
	return v, nil
}

// mediaOf lists the files that a form asks for.
func mediaOf(f *form.Form) []Media {
	var out []Media
	for _, name := range f.Media {
		out = append(out, Media{Name: name})
	}
	return out
}

func hashOf(xml []byte) string {
	sum := md5.Sum(xml) // what phones compare (OpenRosa form list)
	return hex.EncodeToString(sum[:])
}

// putDraft keeps a version as its form's draft. Files that the draft before it had, or the current version, stay
// under the same names.
func (d *Desk) putDraft(tx Tx, by access.Actor, v Version) (Version, error) {
	if _, err := tx.GetProject(v.Project); err != nil {
		return Version{}, notThere(err, "project")
	}
	have := map[string]Media{}
	f, err := tx.GetForm(v.Project, v.Form)
	switch {
	case errors.Is(err, fault.NotFound):
		f = Form{Project: v.Project, ID: v.Form, Title: v.Form, State: Open, Created: d.now()}
		if e, _, err := newEdition(v); err == nil {
			f.Title = e.form.Title
		}
		if err := tx.PutForm(f); err != nil {
			return Version{}, err
		}
	case err != nil:
		return Version{}, err
	default:
		for _, stage := range []Stage{Published, Draft} {
			if before, err := tx.FindVersion(v.Project, v.Form, "", stage); err == nil {
				for _, m := range before.Media {
					have[m.Name] = m
				}
			} else if !errors.Is(err, fault.NotFound) {
				return Version{}, err
			}
		}
	}
	lists, err := tx.ListLists(v.Project)
	if err != nil {
		return Version{}, err
	}
	media := make([]Media, len(v.Media))
	for i, m := range v.Media {
		media[i] = m
		if h, ok := have[m.Name]; ok {
			media[i] = h
		}
		for _, l := range lists {
			if m.Name == l.Name+".csv" && media[i].Digest == "" {
				media[i].Entities, media[i].Type = l.Name, "text/csv"
			}
		}
	}
	if err := clearDraft(tx, v.Project, v.Form); err != nil {
		return Version{}, err
	}
	v.Media, v.Published = media, time.Time{}
	id, err := tx.AddVersion(v)
	if err != nil {
		return Version{}, err
	}
	v.ID = id
	e := d.entry(by, "form.draft", v.Project, formObject(v.Form))
	e.Detail = map[string]string{"version": v.Version, "hash": v.Hash}
	return v, tx.Append(e)
}

// clearDraft takes away the trial records of a draft that ends.
func clearDraft(tx Tx, project int64, form string) error {
	var gone []int64
	for r, err := range tx.EachRecord(Query{Project: project, Form: form, Drafts: true}) {
		if err != nil {
			return err
		}
		gone = append(gone, r.Seq)
	}
	for _, seq := range gone {
		if err := tx.PurgeRecord(seq); err != nil {
			return err
		}
	}
	return nil
}
