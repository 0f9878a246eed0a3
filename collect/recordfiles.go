package collect

import (
	"slices"
)

// putFiles notes the files that the version expects and those that came. The first of a name is kept, a later one that
// differs is a version of it; what nobody expects is kept aside. fresh is the record where its version is new; else only
// what came is looked at.
func (d *Desk) putFiles(tx Tx, a *arrival, seq int64, fresh *Record) (all []Attachment, changed bool, err error) {
	if all, err = tx.ListAttachments(seq); err != nil {
		return nil, false, err
	}
	place := func(name string) int {
		return slices.IndexFunc(all, func(x Attachment) bool { return x.Name == name })
	}
	dirty := map[string]bool{}
	if fresh != nil {
		for i := range all { // no longer named: what has not come is not waited for
			if !slices.ContainsFunc(a.expected, func(x Attachment) bool { return x.Name == all[i].Name }) && all[i].Expected {
				all[i].Expected = false
				dirty[all[i].Name] = true
			}
		}
		for _, x := range a.expected {
			i := place(x.Name)
			if i < 0 {
				all = append(all, x)
				dirty[x.Name] = true
			} else if !all[i].Expected || x.Strict && !all[i].Strict {
				all[i].Expected, all[i].Strict = true, all[i].Strict || x.Strict
				dirty[x.Name] = true
			}
		}
	}
	for _, f := range a.sent.Files {
		i := place(f.Name)
		switch {
		case i < 0:
			all = append(all, Attachment{Name: f.Name, Type: f.Type, Digest: f.Digest, Size: f.Size, Strict: a.edition == nil || a.edition.strict || a.in.Encrypted})
			dirty[f.Name] = true
		case all[i].Digest == "":
			all[i].Type, all[i].Digest, all[i].Size = f.Type, f.Digest, f.Size
			dirty[f.Name] = true
		case all[i].Digest != f.Digest:
			if dirty[f.Name] { // two of a name came at once: the first must be there
				if err := tx.PutAttachment(seq, all[i]); err != nil {
					return nil, false, err
				}
			}
			if err := tx.AddAttachmentVersion(seq, f.Name, f.Digest, f.Size, a.at); err != nil {
				return nil, false, err
			}
			all[i].Later++
			changed = true
		}
	}
	for _, x := range all {
		if dirty[x.Name] {
			if err := tx.PutAttachment(seq, x); err != nil {
				return nil, false, err
			}
			changed = true
		}
	}
	return all, changed, nil
}

// notArrived names the files still expected.
func notArrived(files []Attachment) []string {
	var out []string
	for _, f := range files {
		if f.Expected && f.Digest == "" {
			out = append(out, f.Name)
		}
	}
	return out
}
