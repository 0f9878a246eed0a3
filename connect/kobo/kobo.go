// Package kobo knows how KoboToolbox is asked for a form, its records and their files. It must not know how records
// are kept: package pull takes them.
//
// KoboToolbox keeps the last version of an edited record alone. Where an edit is met whose earlier version is not
// here, it is taken as the record: what it replaced is not to be had.
package kobo

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"net/url"
	"path"
	"strconv"
	"strings"

	"waymark/collect"
	"waymark/connect/pull"
	"waymark/fault"
)

// Options say what is pulled from where.
type Options struct {
	URL   string // of the server: "https://kf.example.org"
	Form  string // uid of the asset
	Token string // of the account
	Page  int    // records asked for at once; default 1,000
	Asker *pull.Asker
}

type puller struct {
	Options
	keeper *pull.Keeper
	base   string
}

// Pull takes over what is new. The account is right however it ends.
func Pull(ctx context.Context, keeper *pull.Keeper, o Options) error {
	if o.Page <= 0 {
		o.Page = 1000
	}
	p := &puller{Options: o, keeper: keeper, base: strings.TrimRight(o.URL, "/") + "/api/v2/assets/" + url.PathEscape(o.Form)}
	o.Asker.Header = http.Header{"Authorization": {"Token " + o.Token}}
	raw, _, err := o.Asker.Bytes(ctx, p.base+".xml")
	if err != nil {
		return err
	}
	files, err := p.media(ctx)
	if err != nil {
		return err
	}
	if err := keeper.Publish(ctx, pull.Version{XML: raw, Files: files}); err != nil {
		return err
	}
	return p.records(ctx)
}

// media lists the files of the form.
func (p *puller) media(ctx context.Context) ([]pull.File, error) {
	var list struct {
		Results []struct {
			FileType string `json:"file_type"`
			Content  string
			Metadata struct{ Filename, Mimetype string }
		}
	}
	if _, err := p.Asker.JSON(ctx, p.base+"/files/?format=json&file_type=form_media", &list); err != nil {
		return nil, err
	}
	var out []pull.File
	for _, f := range list.Results {
		if f.FileType == "form_media" && f.Metadata.Filename != "" {
			out = append(out, p.Asker.File(f.Metadata.Filename, f.Metadata.Mimetype, p.here(f.Content)))
		}
	}
	return out, nil
}

// here keeps addresses that the server gives to the server that was named: the token goes nowhere else.
func (p *puller) here(address string) string {
	u, err := url.Parse(address)
	base, errBase := url.Parse(p.URL)
	if err != nil || errBase != nil {
		return p.URL
	}
	u.Scheme, u.Host, u.User = base.Scheme, base.Host, nil
	return u.String()
}

// line is a record in the list. Of its answers nothing is read here.
type line struct {
	ID          int64  `json:"_id"`
	UUID        string `json:"_uuid"`
	InstanceID  string `json:"meta/instanceID"`
	RootUUID    string `json:"meta/rootUuid"`
	Attachments []struct {
		DownloadURL string `json:"download_url"`
		Filename    string `json:"filename"`
		Basename    string `json:"media_file_basename"`
		Mimetype    string `json:"mimetype"`
	} `json:"_attachments"`
	Validation struct{ UID string } `json:"_validation_status"`
}

// fields are those asked for, so that answers are not sent twice.
const fields = `["_id","_uuid","meta/instanceID","meta/rootUuid","_attachments","_validation_status"]`

func (p *puller) records(ctx context.Context) error {
	after := int64(0) // pages are told apart by id: what arrives or goes meanwhile moves nothing
	for {
		q := url.Values{"format": {"json"}, "limit": {strconv.Itoa(p.Page)}, "start": {"0"}, "sort": {`{"_id":1}`}, "fields": {fields}}
		if after > 0 {
			q.Set("query", fmt.Sprintf(`{"_id":{"$gt":%d}}`, after))
		}
		var page struct{ Results []line }
		if _, err := p.Asker.JSON(ctx, p.base+"/data/?"+q.Encode(), &page); err != nil {
			return err
		}
		for _, l := range page.Results {
			if l.ID <= after {
				return fault.Issue{Code: pull.CodeNotReadable, Args: map[string]any{"host": p.URL}} // a server that does not sort would be asked for ever
			}
			after = l.ID
			if err := p.record(ctx, l); err != nil {
				return err
			}
		}
		if len(page.Results) < p.Page {
			return nil
		}
	}
}

// id is the instance id of the version that the line stands for.
func (l line) id() string {
	if l.InstanceID != "" {
		return l.InstanceID
	}
	if strings.HasPrefix(l.UUID, "uuid:") {
		return l.UUID
	}
	return "uuid:" + l.UUID
}

func (p *puller) record(ctx context.Context, l line) error {
	known, err := p.keeper.Known(ctx, l.id())
	if err != nil {
		return err
	}
	if known.Deleted {
		p.keeper.Account.Read++
		p.keeper.Refuse(strconv.FormatInt(l.ID, 10), fault.Issue{Code: collect.CodeWasDeleted})
		return nil
	}
	taken, current := 0, l.id()
	if !known.There {
		raw, _, err := p.Asker.Bytes(ctx, fmt.Sprintf("%s/data/%d/?format=xml", p.base, l.ID))
		if err != nil {
			return err
		}
		got, refused, err := p.take(ctx, raw)
		if err != nil {
			return err
		}
		if refused.Code != "" {
			p.keeper.Account.Read++
			p.keeper.Refuse(strconv.FormatInt(l.ID, 10), refused)
			return nil
		}
		current = got.Record.Instance
		known.There = got.Edited
		if got.New || got.Edited {
			taken = 1
		}
		known.Wants = got.Missing
		if state := reviews[l.Validation.UID]; state != "" {
			if err := p.keeper.Desk.SetReview(ctx, p.keeper.By, p.keeper.Project, p.keeper.Form, current, state, ""); err != nil {
				return err
			}
		}
	}
	if len(known.Wants) > 0 {
		if err := p.keeper.Attach(ctx, current, known.Wants, p.files(l)); err != nil {
			return err
		}
	}
	p.keeper.Account.Read++
	p.keeper.Count(known, taken)
	return nil
}

// reviews are the states of review by the names that KoboToolbox gives them.
var reviews = map[string]collect.Review{
	"validation_status_approved": collect.Approved, "validation_status_not_approved": collect.Rejected, "validation_status_on_hold": collect.HasIssues,
}

func (p *puller) files(l line) []pull.File {
	var out []pull.File
	for _, a := range l.Attachments {
		name := a.Basename
		if name == "" {
			name = path.Base(a.Filename)
		}
		out = append(out, p.Asker.File(name, a.Mimetype, p.here(a.DownloadURL)))
	}
	return out
}

// take takes a record; an edit of one that is not here as the record itself.
func (p *puller) take(ctx context.Context, raw []byte) (collect.Receipt, fault.Issue, error) {
	_, deprecated, err := pull.Names(raw)
	if err == nil && deprecated != "" {
		before, err := p.keeper.Known(ctx, deprecated)
		if err != nil {
			return collect.Receipt{}, fault.Issue{}, err
		}
		if !before.There {
			raw = withoutDeprecated(raw)
		}
	}
	return p.keeper.Take(ctx, raw)
}

// withoutDeprecated takes the element deprecatedID out, and leaves every other byte.
func withoutDeprecated(raw []byte) []byte {
	for _, name := range []string{"deprecatedID", "orx:deprecatedID"} {
		begin := bytes.Index(raw, []byte("<"+name))
		end := bytes.Index(raw, []byte("</"+name+">"))
		if begin >= 0 && end > begin {
			out := append([]byte{}, raw[:begin]...)
			return append(out, raw[end+len("</"+name+">"):]...)
		}
	}
	return raw
}
