// Package pull knows how records that stand on another server become records here, once each, with every one accounted
// for: read = new + edited + present + refused. It must not know how the other server is asked.
//
// What is there already is found by instance id, so that a pull that was stopped goes on where it was and one that is
// repeated changes nothing; no other state is kept.
package pull

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"slices"

	"waymark/collect"
	"waymark/fault"
	"waymark/form/instance"
	"waymark/trust/access"
)

// The issues raised here; texts stand in lang/messages/pull.*.toml.
const (
	CodeVersionDiffers fault.Code = "pull.version-differs" // form, version
	CodeOtherForm      fault.Code = "pull.other-form"      // have, want
	CodeNoVersion      fault.Code = "pull.no-version"      // form
	CodeAccounts       fault.Code = "pull.accounts"        // read, counted
)

// Account says what became of everything that the other server had.
type Account struct {
	Versions     int       `json:"versions"` // of the form, published here by this pull
	Read         int       `json:"read"`     // records that the other server listed
	New          int       `json:"new"`
	Edited       int       `json:"edited"` // there before, with newer versions now
	Present      int       `json:"present"`
	Refused      int       `json:"refused"`
	Refusals     []Refusal `json:"refusals,omitempty"` // the first thousand
	Files        int       `json:"files"`              // attachments that came
	FilesMissing int       `json:"filesMissing"`       // that the records name and the other server does not have
}

// Refusal is a record that could not be taken, and why. What came of it is in quarantine.
type Refusal struct {
	Record string         `json:"record"` // its id on the other server
	Code   fault.Code     `json:"code"`
	Args   map[string]any `json:"args,omitempty"` // codes and numbers, for the words of the code
}

const mostRefusals = 1000

// Whole says whether every record that was read is accounted for.
func (a Account) Whole() error {
	if counted := a.New + a.Edited + a.Present + a.Refused; counted != a.Read {
		return fault.Issue{Code: CodeAccounts, Args: map[string]any{"read": a.Read, "counted": counted}}
	}
	return nil
}

// Keeper takes records into one form of one project.
type Keeper struct {
	Desk    *collect.Desk
	By      access.Actor
	Project int64
	Form    string // as its XForm names it; set by Publish
	Account Account
}

// Version is a version of the form on the other server.
type Version struct {
	Name  string
	XML   []byte
	Files []File
}

// File is a file on the other server.
type File struct {
	Name string
	Type string
	Open func(ctx context.Context) (io.ReadCloser, error)
}

// Publish makes a version of the form, where it is not there yet, with the exact bytes of the other server: phones
// and records know it by them. Versions are given from the oldest to the newest.
func (k *Keeper) Publish(ctx context.Context, v Version) error {
	id, version, err := formOf(v.XML)
	if err != nil {
		return err
	}
	if k.Form != "" && k.Form != id {
		return fault.Issue{Code: CodeOtherForm, Args: map[string]any{"have": id, "want": k.Form}}
	}
	k.Form = id
	exact, name := true, ""
	if version == "" { // here every version has a name: this one gets one by its bytes, the same each time
		sum := sha256.Sum256(v.XML)
		exact, name = false, "unnamed-"+hex.EncodeToString(sum[:4])
		version = name
	}
	have, err := k.Desk.Versions(ctx, k.By, k.Project, id)
	if err != nil && !errors.Is(err, fault.NotFound) {
		return err
	}
	if i := slices.IndexFunc(have, func(h collect.Version) bool { return h.Version == version }); i >= 0 {
		known, err := k.Desk.Version(ctx, k.By, k.Project, id, version, collect.Published)
		if err == nil && exact && !bytes.Equal(known.XML, v.XML) {
			return fault.Issue{Code: CodeVersionDiffers, Args: map[string]any{"form": id, "version": version}, Kind: fault.Conflict}
		}
		return err
	}
	if _, err := k.Desk.UploadForm(ctx, k.By, k.Project, id+".xml", v.XML); err != nil {
		return err
	}
	for _, f := range v.Files {
		if err := k.formFile(ctx, f); err != nil {
			return fmt.Errorf("keep a file of version %q: %w", version, err)
		}
	}
	if _, err := k.Desk.Publish(ctx, k.By, k.Project, id, name); err != nil {
		return err
	}
	k.Account.Versions++
	return nil
}

func (k *Keeper) formFile(ctx context.Context, f File) error {
	r, err := f.Open(ctx)
	if err != nil {
		return err
	}
	defer r.Close()
	return k.Desk.PutMedia(ctx, k.By, k.Project, k.Form, f.Name, f.Type, r)
}

// formOf reads a form's id and version: the attributes of the first element within the model's first instance.
func formOf(raw []byte) (id, version string, err error) {
	d := xml.NewDecoder(bytes.NewReader(raw))
	inInstance := false
	for {
		token, err := d.Token()
		if err != nil {
			return "", "", fault.Issue{Code: collect.CodeNotAForm}
		}
		start, ok := token.(xml.StartElement)
		switch {
		case !ok:
		case inInstance:
			for _, a := range start.Attr {
				switch a.Name.Local {
				case "id":
					id = a.Value
				case "version":
					version = a.Value
				}
			}
			return id, version, nil
		case start.Name.Local == "instance":
			inInstance = true
		}
	}
}

// Known is what is here of a record.
type Known struct {
	There    bool
	Deleted  bool     // by staff here: it is not taken again
	Current  string   // instance id of the current version
	Versions []string // instance ids of all
	Wants    []string // files that it names and that have not come
}

// Known looks a record up by its instance id or that of one of its versions.
func (k *Keeper) Known(ctx context.Context, id string) (Known, error) {
	r, err := k.Desk.Record(ctx, k.By, k.Project, k.Form, id, collect.Published)
	if errors.Is(err, fault.NotFound) {
		return Known{}, nil
	}
	if err != nil {
		return Known{}, err
	}
	out := Known{There: true, Deleted: r.Deleted, Current: r.Current, Versions: []string{r.Current}}
	for _, a := range r.Attachments {
		if a.Expected && a.Digest == "" {
			out.Wants = append(out.Wants, a.Name)
		}
	}
	if r.Edits > 0 {
		versions, err := k.Desk.RecordVersions(ctx, k.By, k.Project, k.Form, id)
		if err != nil {
			return Known{}, err
		}
		for _, v := range versions {
			out.Versions = append(out.Versions, v.Instance)
		}
	}
	return out, nil
}

// Take takes one version of a record. What is refused is told as the first issue; any other error ends the pull.
func (k *Keeper) Take(ctx context.Context, raw []byte) (got collect.Receipt, refused fault.Issue, err error) {
	got, err = k.Desk.Accept(ctx, k.By, collect.Sent{Project: k.Project, Form: k.Form, Raw: raw})
	if issues := fault.Of(err); len(issues) > 0 && !errors.Is(err, fault.Unavailable) {
		return got, issues[0], nil
	}
	return got, fault.Issue{}, err
}

// Attach takes the files that a record names and that have not come; one that the other server does not have is
// counted.
func (k *Keeper) Attach(ctx context.Context, id string, wants []string, files []File) error {
	for _, name := range wants {
		i := slices.IndexFunc(files, func(f File) bool { return f.Name == name })
		if i < 0 {
			k.Account.FilesMissing++
			continue
		}
		if err := k.attach(ctx, id, files[i]); err != nil {
			return fmt.Errorf("keep a file of a record: %w", err)
		}
		k.Account.Files++
	}
	return nil
}

func (k *Keeper) attach(ctx context.Context, id string, f File) error {
	r, err := f.Open(ctx)
	if err != nil {
		return err
	}
	defer r.Close()
	kept, err := k.Desk.KeepFile(ctx, f.Name, f.Type, r)
	if err != nil {
		return err
	}
	_, err = k.Desk.Attach(ctx, k.By, k.Project, k.Form, id, collect.Published, kept)
	return err
}

// Refuse counts a record that could not be taken.
func (k *Keeper) Refuse(id string, why fault.Issue) {
	k.Account.Refused++
	if len(k.Account.Refusals) < mostRefusals {
		k.Account.Refusals = append(k.Account.Refusals, Refusal{id, why.Code, why.Args})
	}
}

// Count counts a record that was taken, or was there.
func (k *Keeper) Count(before Known, taken int) {
	switch {
	case taken == 0:
		k.Account.Present++
	case before.There:
		k.Account.Edited++
	default:
		k.Account.New++
	}
}

// Names gives the instance id of a record and that of the version it says it takes the place of.
func Names(raw []byte) (id, deprecated string, err error) {
	in, err := instance.Parse(raw, instance.Limits{})
	if err != nil {
		return "", "", err
	}
	return in.InstanceID, in.DeprecatedID, nil
}
