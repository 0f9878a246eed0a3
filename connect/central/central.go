// Package central knows how ODK Central is asked for a form, its versions, its records with all their versions, and
// their files. It must not know how records are kept: package pull takes them.
//
// Every record is asked for as XML, version by version from the first, so that what stands here is byte for byte what
// stood there. Records that are here already, with the same current version and all their files, cost nothing but
// their line in the list.
package central

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"waymark/collect"
	"waymark/connect/pull"
	"waymark/fault"
)

// Options say what is pulled from where.
type Options struct {
	URL      string // of the server: "https://odk.example.org"
	Project  int64  // there
	Form     string // its xmlFormId there
	Email    string // with Password; else Token is that of a session
	Password string
	Token    string
	Page     int // records asked for at once; default 250
	Asker    *pull.Asker
}

type puller struct {
	Options
	keeper *pull.Keeper
	base   string
}

// Pull takes over what is new. The account is right however it ends.
func Pull(ctx context.Context, keeper *pull.Keeper, o Options) error {
	if o.Page <= 0 {
		o.Page = 250
	}
	root := strings.TrimSuffix(strings.TrimRight(o.URL, "/"), "/v1")
	p := &puller{Options: o, keeper: keeper, base: fmt.Sprintf("%s/v1/projects/%d/forms/%s", root, o.Project, url.PathEscape(o.Form))}
	if err := p.signIn(ctx, root); err != nil {
		return err
	}
	if err := p.versions(ctx); err != nil {
		return err
	}
	return p.records(ctx)
}

// signIn begins a session where an email and a password are given.
func (p *puller) signIn(ctx context.Context, root string) error {
	token := p.Token
	if p.Email != "" {
		body, err := json.Marshal(map[string]string{"email": p.Email, "password": p.Password})
		if err != nil {
			return err
		}
		r, err := http.NewRequestWithContext(ctx, http.MethodPost, root+"/v1/sessions", bytes.NewReader(body))
		if err != nil {
			return fault.Issue{Code: pull.CodeNotReadable, Args: map[string]any{"host": "?"}}
		}
		r.Header.Set("Content-Type", "application/json")
		resp, err := p.Asker.Client.Do(r)
		if err != nil {
			return fault.Issue{Code: pull.CodeNotReached, Args: map[string]any{"host": r.URL.Hostname()}, Kind: fault.Unavailable}
		}
		defer resp.Body.Close()
		var got struct{ Token string }
		if resp.StatusCode != http.StatusOK || json.NewDecoder(resp.Body).Decode(&got) != nil || got.Token == "" {
			return fault.Issue{Code: pull.CodeNotAllowed, Args: map[string]any{"host": r.URL.Hostname(), "status": strconv.Itoa(resp.StatusCode)}, Kind: fault.Forbidden}
		}
		token = got.Token
	}
	p.Asker.Header = http.Header{"Authorization": {"Bearer " + token}, "X-Extended-Metadata": {"true"}}
	return nil
}

// noVersion stands in an address for a version without a name.
const noVersion = "___"

// versions publishes the versions of the form that are not here, from the oldest.
func (p *puller) versions(ctx context.Context) error {
	var all []struct{ Version string }
	if _, err := p.Asker.JSON(ctx, p.base+"/versions", &all); err != nil {
		return err
	}
	if len(all) == 0 {
		return fault.Issue{Code: pull.CodeNoVersion, Args: map[string]any{"form": p.Form}, Kind: fault.NotFound}
	}
	for _, v := range slices.Backward(all) {
		name := v.Version
		if name == "" {
			name = noVersion
		}
		at := p.base + "/versions/" + url.PathEscape(name)
		raw, _, err := p.Asker.Bytes(ctx, at+".xml")
		if err != nil {
			return err
		}
		var files []struct {
			Name       string
			BlobExists bool
		}
		if _, err := p.Asker.JSON(ctx, at+"/attachments", &files); err != nil {
			return err
		}
		version := pull.Version{Name: v.Version, XML: raw}
		for _, f := range files {
			if f.BlobExists {
				version.Files = append(version.Files, p.Asker.File(f.Name, "", at+"/attachments/"+url.PathEscape(f.Name)))
			}
		}
		if err := p.keeper.Publish(ctx, version); err != nil {
			return err
		}
	}
	return nil
}

// record is a line of the list.
type record struct {
	InstanceID     string
	ReviewState    *string
	CurrentVersion struct{ InstanceID string }
}

// records goes through the list, newest first. What arrives meanwhile moves lines to later pages, where they are met
// a second time and counted once.
func (p *puller) records(ctx context.Context) error {
	met := map[string]bool{}
	for offset := 0; ; offset += p.Page {
		var page []record
		if _, err := p.Asker.JSON(ctx, fmt.Sprintf("%s/submissions?limit=%d&offset=%d", p.base, p.Page, offset), &page); err != nil {
			return err
		}
		for _, r := range page {
			if met[r.InstanceID] {
				continue
			}
			met[r.InstanceID] = true
			if err := p.record(ctx, r); err != nil {
				return err
			}
		}
		if len(page) < p.Page {
			return nil
		}
	}
}

func (p *puller) record(ctx context.Context, r record) error {
	known, err := p.keeper.Known(ctx, r.InstanceID)
	if err != nil {
		return err
	}
	if known.Deleted {
		p.keeper.Account.Read++
		p.keeper.Refuse(r.InstanceID, fault.Issue{Code: collect.CodeWasDeleted})
		return nil
	}
	current := r.CurrentVersion.InstanceID
	if current == "" {
		current = r.InstanceID
	}
	at := p.base + "/submissions/" + url.PathEscape(r.InstanceID)
	taken := 0
	if !known.There || known.Current != current {
		var refused fault.Issue
		if taken, refused, err = p.take(ctx, at, r, known); err != nil {
			return err
		}
		if refused.Code != "" {
			p.keeper.Account.Read++
			p.keeper.Refuse(r.InstanceID, refused)
			return nil
		}
	}
	if taken > 0 {
		if now, err := p.keeper.Known(ctx, r.InstanceID); err != nil {
			return err
		} else if known.Wants = now.Wants; r.ReviewState != nil && *r.ReviewState != "" {
			if err := p.keeper.Desk.SetReview(ctx, p.keeper.By, p.keeper.Project, p.keeper.Form, r.InstanceID, collect.Review(*r.ReviewState), ""); err != nil {
				return err
			}
		}
	}
	if len(known.Wants) > 0 {
		if err := p.files(ctx, at, r.InstanceID, known.Wants); err != nil {
			return err
		}
	}
	p.keeper.Account.Read++
	p.keeper.Count(known, taken)
	return nil
}

// take takes the versions that are not here, from the first.
func (p *puller) take(ctx context.Context, at string, r record, known pull.Known) (taken int, refused fault.Issue, err error) {
	ids := []string{r.InstanceID}
	if r.CurrentVersion.InstanceID != "" && r.CurrentVersion.InstanceID != r.InstanceID {
		var versions []struct{ InstanceID string }
		if _, err := p.Asker.JSON(ctx, at+"/versions", &versions); err != nil {
			return 0, refused, err
		}
		ids = ids[:0]
		for _, v := range slices.Backward(versions) { // the newest stands first
			ids = append(ids, v.InstanceID)
		}
	}
	for _, id := range ids {
		if slices.Contains(known.Versions, id) {
			continue
		}
		from := at + "/versions/" + url.PathEscape(id) + ".xml"
		if len(ids) == 1 {
			from = at + ".xml"
		}
		raw, _, err := p.Asker.Bytes(ctx, from)
		if err != nil {
			return taken, fault.Issue{}, err
		}
		got, refused, err := p.keeper.Take(ctx, raw)
		if err != nil || refused.Code != "" {
			return taken, refused, err
		}
		if got.New || got.Edited {
			taken++
		}
	}
	return taken, fault.Issue{}, nil
}

// files takes the files that a record waits for.
func (p *puller) files(ctx context.Context, at, id string, wants []string) error {
	var list []struct {
		Name   string
		Exists bool
	}
	if _, err := p.Asker.JSON(ctx, at+"/attachments", &list); err != nil {
		return err
	}
	var files []pull.File
	for _, f := range list {
		if f.Exists {
			files = append(files, p.Asker.File(f.Name, "", at+"/attachments/"+url.PathEscape(f.Name)))
		}
	}
	return p.keeper.Attach(ctx, id, wants, files)
}
