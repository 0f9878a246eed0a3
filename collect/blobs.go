package collect

import (
	"context"
	"crypto/md5"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"path"
	"strings"
	"sync"
	"time"

	"waymark/fault"
	"waymark/trust/access"
)

// What cannot be done with files.
const (
	CodeFileName  fault.Code = "collect.file-name"  //
	CodeFileLarge fault.Code = "collect.file-large" // limit: MiB
	CodeNoFile    fault.Code = "collect.no-file"    //
	CodeNoMedia   fault.Code = "collect.no-media"   // name
)

const largestFile = 2 << 30

// recent remembers blobs that were kept and may not be named by a record yet, so that a sweep leaves them.
type recent struct {
	lock sync.Mutex
	kept map[string]time.Time
}

func (r *recent) add(digest string) {
	r.lock.Lock()
	defer r.lock.Unlock()
	if r.kept == nil {
		r.kept = map[string]time.Time{}
	}
	r.kept[digest] = time.Now()
}

// has says whether a blob was kept within the time given, and forgets those that were not.
func (r *recent) has(digest string, within time.Duration) bool {
	r.lock.Lock()
	defer r.lock.Unlock()
	at, ok := r.kept[digest]
	if ok && time.Since(at) > within {
		delete(r.kept, digest)
		return false
	}
	return ok
}

// KeepFile keeps a file's bytes, sealed, before the record that names it is accepted.
func (d *Desk) KeepFile(ctx context.Context, name, mediaType string, r io.Reader) (File, error) {
	name, err := fileName(name)
	if err != nil {
		return File{}, err
	}
	digest, _, size, err := d.keep(ctx, r)
	if err != nil {
		return File{}, err
	}
	return File{Name: name, Type: mediaType, Digest: digest, Size: size}, nil
}

// fileName gives the last part of a name, as phones mean it.
func fileName(name string) (string, error) {
	name = path.Base(strings.ReplaceAll(strings.TrimSpace(name), "\\", "/"))
	if name == "" || name == "." || name == "/" || name == ".." || len(name) > 255 || strings.ContainsAny(name, "\x00\r\n") {
		return "", fault.Issue{Code: CodeFileName}
	}
	return name, nil
}

// keep seals bytes into the blobs while it reads them. The digest is keyed: it tells equal files apart from others and
// nothing else to who does not hold the key (invariant 2).
func (d *Desk) keep(ctx context.Context, r io.Reader) (digest, sum string, size int64, err error) {
	while := "new-" + hex.EncodeToString(d.mac("blob.new", d.options.Keys.Token(24)))
	d.blobs.add(while)
	hash, md := sha256.New(), md5.New()
	count := &counting{r: io.LimitReader(r, largestFile+1)}
	err = d.options.Blobs.Put(ctx, while, d.options.Keys.SealStream("blob", io.TeeReader(count, io.MultiWriter(hash, md))))
	if err == nil && count.n > largestFile {
		err = fault.Issue{Code: CodeFileLarge, Args: map[string]any{"limit": largestFile >> 20}}
	}
	if err != nil {
		return "", "", 0, errors.Join(fmt.Errorf("keep file: %w", err), dropped(d.options.Blobs.Delete(ctx, while)))
	}
	digest = hex.EncodeToString(d.options.Keys.Mac("blob.digest", hash.Sum(nil)))
	d.blobs.add(digest)
	if err := d.options.Blobs.Move(ctx, while, digest); err != nil {
		return "", "", 0, fmt.Errorf("keep file: %w", err)
	}
	return digest, hex.EncodeToString(md.Sum(nil)), count.n, nil
}

// dropped passes over a file that is not there.
func dropped(err error) error {
	if errors.Is(err, fault.NotFound) {
		return nil
	}
	return err
}

type counting struct {
	r io.Reader
	n int64
}

func (c *counting) Read(p []byte) (int, error) {
	n, err := c.r.Read(p)
	c.n += int64(n)
	return n, err
}

// open opens a blob; the bytes are checked as they are read.
func (d *Desk) open(ctx context.Context, digest string) (io.ReadCloser, error) {
	sealed, err := d.options.Blobs.Open(ctx, digest)
	if err != nil {
		return nil, notThere(err, "file")
	}
	return opened{d.options.Keys.OpenStream("blob", sealed), sealed}, nil
}

type opened struct {
	io.Reader
	io.Closer
}

// PutMedia gives the draft of a form a file that it asks for.
func (d *Desk) PutMedia(ctx context.Context, by access.Actor, project int64, form, name, mediaType string, r io.Reader) error {
	if err := need(by, access.ManageForms, project); err != nil {
		return err
	}
	name, err := fileName(name)
	if err != nil {
		return err
	}
	digest, sum, size, err := d.keep(ctx, r)
	if err != nil {
		return err
	}
	defer d.forget(project)
	return d.options.Store.Write(ctx, func(tx Tx) error {
		v, err := tx.FindVersion(project, form, "", Draft)
		if err != nil {
			return notThere(err, "draft")
		}
		for _, m := range v.Media {
			if m.Name != name {
				continue
			}
			m.Type, m.MD5, m.Digest, m.Size, m.Entities = mediaType, sum, digest, size, ""
			if err := tx.PutMedia(v.ID, m); err != nil {
				return err
			}
			e := d.entry(by, "form.media", project, formObject(form))
			e.Detail = map[string]string{"name": name, "md5": sum}
			return tx.Append(e)
		}
		return fault.Issue{Code: CodeNoMedia, Kind: fault.NotFound, Args: map[string]any{"name": name}}
	})
}

// Media opens a file that a version of a form asks for. An entity list under that name is written as it is now.
func (d *Desk) Media(ctx context.Context, by access.Actor, project int64, form, version, name string, draft Stage) (Media, io.ReadCloser, error) {
	v, err := d.Version(ctx, by, project, form, version, draft)
	if err != nil {
		return Media{}, nil, err
	}
	if name == itemsetsName && len(v.Itemsets) > 0 {
		m := Media{Name: name, Type: "text/csv", MD5: hashOf(v.Itemsets), Size: int64(len(v.Itemsets))}
		return m, io.NopCloser(strings.NewReader(string(v.Itemsets))), nil
	}
	for _, m := range v.Media {
		switch {
		case m.Name != name:
		case m.Entities != "":
			r, w := io.Pipe()
			go func() { w.CloseWithError(d.EntityCSV(ctx, by, project, m.Entities, w)) }()
			return m, r, nil
		case m.Digest == "":
			return m, nil, fault.Issue{Code: CodeNoFile, Kind: fault.NotFound}
		default:
			r, err := d.open(ctx, m.Digest)
			return m, r, err
		}
	}
	return Media{}, nil, fault.Issue{Code: CodeNoMedia, Kind: fault.NotFound, Args: map[string]any{"name": name}}
}

// itemsetsName is the file in which phones look for long lists.
const itemsetsName = "itemsets.csv"
