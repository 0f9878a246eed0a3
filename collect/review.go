package collect

import (
	"context"
	"errors"
	"strings"

	"waymark/fault"
	"waymark/trust/access"
)

// What cannot be decided of a record.
const (
	CodeReviewState fault.Code = "collect.review-state" // state
	CodeComment     fault.Code = "collect.comment"      // limit: letters
	CodePurged      fault.Code = "collect.purged"       //
)

// longestComment is how many letters staff may write at once.
const longestComment = 10_000

// SetReview decides on a record, with a comment or without.
func (d *Desk) SetReview(ctx context.Context, by access.Actor, project int64, form, instance string, r Review, comment string) error {
	switch r {
	case Received, HasIssues, Edited, Approved, Rejected:
	default:
		return fault.Issue{Code: CodeReviewState, Args: map[string]any{"state": string(r)}}
	}
	if len([]rune(comment)) > longestComment {
		return fault.Issue{Code: CodeComment, Args: map[string]any{"limit": longestComment}}
	}
	return d.options.Store.Write(ctx, func(tx Tx) error {
		s, err := d.found(tx, by, access.ReviewRecords, project, form, instance, Published)
		if err != nil {
			return err
		}
		if s.Deleted {
			return missing("record")
		}
		was := s.Review
		s.Review, s.Updated = r, d.now()
		if err := tx.SetRecord(s.Record); err != nil {
			return err
		}
		if strings.TrimSpace(comment) != "" {
			if err := d.comment(tx, by, &s.Record, comment); err != nil {
				return err
			}
		}
		if r == Approved && was != Approved {
			if err := d.approveEntities(tx, by, &s); err != nil {
				return err
			}
		}
		e := d.entry(by, "record.review", project, recordObject(s.Instance))
		e.Detail = map[string]string{"form": form, "was": string(was), "is": string(r)}
		if err := tx.Append(e); err != nil {
			return err
		}
		return d.tell(tx, project, "record.reviewed", map[string]string{"form": form, "instance": s.Instance, "review": string(r)})
	})
}

func (d *Desk) comment(tx Tx, by access.Actor, r *Record, text string) error {
	sealed := d.options.Keys.Seal(forComment, bound(r.Project, r.Form, r.Instance), []byte(text))
	return tx.AddComment(r.Seq, d.now(), actorID(by), sealed)
}

// AddComment keeps what staff write on a record.
func (d *Desk) AddComment(ctx context.Context, by access.Actor, project int64, form, instance, text string) error {
	if text = strings.TrimSpace(text); text == "" || len([]rune(text)) > longestComment {
		return fault.Issue{Code: CodeComment, Args: map[string]any{"limit": longestComment}}
	}
	return d.options.Store.Write(ctx, func(tx Tx) error {
		s, err := d.found(tx, by, access.ReviewRecords, project, form, instance, Published)
		if err != nil {
			return err
		}
		if err := d.comment(tx, by, &s.Record, text); err != nil {
			return err
		}
		return tx.Append(d.entry(by, "record.comment", project, recordObject(s.Instance)))
	})
}

// Comments gives what staff wrote on a record, the first first. A comment may repeat what a person said: it needs
// ReadRestricted or ReviewRecords.
func (d *Desk) Comments(ctx context.Context, by access.Actor, project int64, form, instance string) ([]Comment, error) {
	right := access.ReviewRecords
	if !holds(by, right, project) {
		right = access.ReadRestricted
	}
	return looked(ctx, d, func(tx Tx) ([]Comment, error) {
		s, err := d.found(tx, by, right, project, form, instance, Published)
		if err != nil {
			return nil, err
		}
		sealed, err := tx.ListComments(s.Seq)
		if err != nil {
			return nil, err
		}
		var out []Comment
		for _, c := range sealed {
			text, err := d.options.Keys.Open(forComment, bound(project, form, s.Instance), c.Text)
			if err != nil {
				return nil, err
			}
			out = append(out, Comment{At: c.At, By: c.By, Text: string(text)})
		}
		return out, nil
	})
}

// DeleteRecord puts a record in the bin, from which it goes for good after 30 days.
func (d *Desk) DeleteRecord(ctx context.Context, by access.Actor, project int64, form, instance string) error {
	return d.setDeleted(ctx, by, project, form, instance, true)
}

// RestoreRecord takes a record out of the bin. One that is gone for good gives fault.Gone.
func (d *Desk) RestoreRecord(ctx context.Context, by access.Actor, project int64, form, instance string) error {
	return d.setDeleted(ctx, by, project, form, instance, false)
}

func (d *Desk) setDeleted(ctx context.Context, by access.Actor, project int64, form, instance string, deleted bool) error {
	return d.options.Store.Write(ctx, func(tx Tx) error {
		s, err := d.found(tx, by, access.DeleteRecords, project, form, instance, Published)
		if err != nil {
			return err
		}
		if s.Deleted == deleted {
			return nil
		}
		act := "record.delete"
		if !deleted {
			act = "record.restore"
			if _, err := tx.RecordBody(s.Seq, ""); errors.Is(err, fault.NotFound) {
				return fault.Issue{Code: CodePurged, Kind: fault.Gone}
			} else if err != nil {
				return err
			}
		}
		s.Deleted, s.Updated = deleted, d.now()
		if err := tx.SetRecord(s.Record); err != nil {
			return err
		}
		e := d.entry(by, act, project, recordObject(s.Instance))
		e.Detail = map[string]string{"form": form}
		if err := tx.Append(e); err != nil || !deleted {
			return err
		}
		return d.tell(tx, project, "record.deleted", map[string]string{"form": form, "instance": s.Instance})
	})
}
