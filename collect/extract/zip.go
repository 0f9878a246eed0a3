package extract

import (
	"archive/zip"
	"compress/flate"
	"context"
	"errors"
	"fmt"
	"io"
	"path"
	"strings"

	"waymark/collect"
	"waymark/dataset"
	"waymark/dataset/csv"
	"waymark/fault"
)

// The names of what lies in a zip beside the tables; programs look for them.
const (
	noticeFile   = "NOT-CLEARED.txt"
	codebookFile = "codebook.csv"
	leftFile     = "left-out.csv"
	mediaFolder  = "media/"
)

// Zip writes all tables, FORM.csv and FORM-repeat.csv, a codebook, what was left out, and where asked the files of
// the records under media/.
func (x *Extract) Zip(ctx context.Context, w io.Writer) error {
	all := make([]*table, len(x.tables))
	for i := range x.tables {
		all[i] = &x.tables[i]
	}
	format := "csv.zip"
	if x.options.Media {
		format = "csv.zip with media"
	}
	if err := x.note(ctx, format, all...); err != nil {
		return err
	}
	z := zip.NewWriter(w)
	z.RegisterCompressor(zip.Deflate, func(out io.Writer) (io.WriteCloser, error) { return flate.NewWriter(out, flate.BestSpeed) })
	for _, t := range all {
		part, err := z.Create(t.file + ".csv")
		if err != nil {
			return fmt.Errorf("write zip: %w", err)
		}
		if err := x.writeCSV(ctx, part, t); err != nil {
			return err
		}
	}
	var left leftOut
	if x.options.Media {
		if err := x.media(ctx, z, &left); err != nil {
			return err
		}
	}
	if err := x.beside(z, left); err != nil {
		return err
	}
	if err := z.Close(); err != nil {
		return fmt.Errorf("write zip: %w", err)
	}
	return nil
}

// leftOut counts the files that are not in a zip.
type leftOut struct{ sealed, absent int }

// media writes the files of the records. One that the reader may not have is counted, not a failure: the tables
// are worth having without it.
func (x *Extract) media(ctx context.Context, z *zip.Writer, left *leftOut) error {
	q := x.query(&x.tables[0])
	q.Columns = []string{}
	taken := map[string]bool{}
	for row, err := range x.rows(ctx, q) {
		if err != nil {
			return fmt.Errorf("read records: %w", err)
		}
		for _, a := range row.Record.Attachments {
			switch {
			case a.Digest == "":
				left.absent++
				continue
			case a.Strict && x.options.Opening == "", !a.Strict && !x.options.Restricted:
				left.sealed++
				continue
			}
			name := mediaFolder + fileName(path.Base(a.Name))
			if taken[name] {
				name = mediaFolder + fileName(strings.TrimPrefix(row.Record.Instance, "uuid:")) + "/" + fileName(path.Base(a.Name))
			}
			taken[name] = true
			err := x.file(ctx, z, name, row.Record, a)
			switch {
			case errors.Is(err, fault.Forbidden):
				left.sealed++
			case errors.Is(err, fault.NotFound):
				left.absent++
			case err != nil:
				return err
			}
		}
	}
	return nil
}

// file writes one file; media are compressed already.
func (x *Extract) file(ctx context.Context, z *zip.Writer, name string, r *collect.Record, a collect.Attachment) error {
	_, from, err := x.desk.Attachment(ctx, x.by, x.options.Project, x.options.Form, r.Instance, a.Name, x.options.Opening)
	if err != nil {
		return err
	}
	defer from.Close()
	to, err := z.CreateHeader(&zip.FileHeader{Name: name, Method: zip.Store})
	if err != nil {
		return fmt.Errorf("write zip: %w", err)
	}
	if _, err := io.Copy(to, from); err != nil {
		return fmt.Errorf("write a file of a record into the zip: %w", err)
	}
	return nil
}

// beside writes the notice, the codebook and what was left out.
func (x *Extract) beside(z *zip.Writer, left leftOut) error {
	if len(x.options.Notice) > 0 {
		part, err := z.Create(noticeFile)
		if err != nil {
			return fmt.Errorf("write zip: %w", err)
		}
		if _, err := io.WriteString(part, strings.Join(x.options.Notice, "\r\n")+"\r\n"); err != nil {
			return fmt.Errorf("write zip: %w", err)
		}
	}
	if err := x.lines(z, codebookFile, func(line func(cells ...string) error) error { return x.codebook(line) }); err != nil {
		return err
	}
	return x.lines(z, leftFile, func(line func(cells ...string) error) error {
		if err := line("table", "what", "why", "count"); err != nil {
			return err
		}
		for _, t := range x.tables {
			for _, f := range t.left {
				if err := line(t.Name, f.Path.String(), f.Class.String(), ""); err != nil {
					return err
				}
			}
		}
		for _, n := range []struct {
			why   string
			count int
		}{{"sealed", left.sealed}, {"not-arrived", left.absent}} {
			if n.count > 0 {
				if err := line("", "media", n.why, itoa(n.count)); err != nil {
					return err
				}
			}
		}
		return nil
	})
}

// codebook gives a line a column and one a choice.
func (x *Extract) codebook(line func(cells ...string) error) error {
	if err := line("table", "column", "kind", "class", "code", "label_en", "label_fr", "hxl"); err != nil {
		return err
	}
	for _, t := range x.tables {
		done := map[string]bool{}
		for _, c := range t.columns {
			if c.at < 0 {
				continue
			}
			if err := line(t.Name, c.name, c.field.Kind.String(), c.field.Class.String(), c.option, c.field.Labels["en"], c.field.Labels["fr"], c.field.HXL); err != nil {
				return err
			}
			if path := c.field.Path.String(); !done[path] {
				done[path] = true
				for _, l := range c.field.Levels {
					if err := line(t.Name, c.name, "", "", l.Code, l.Labels["en"], l.Labels["fr"], ""); err != nil {
						return err
					}
				}
			}
		}
	}
	return nil
}

func (x *Extract) lines(z *zip.Writer, name string, write func(line func(cells ...string) error) error) error {
	part, err := z.Create(name)
	if err != nil {
		return fmt.Errorf("write zip: %w", err)
	}
	out, err := csv.NewLines(part, csv.WriteOptions{})
	if err != nil {
		return err
	}
	if err := write(func(cells ...string) error {
		for _, c := range cells {
			out.Cell(c, dataset.Text)
		}
		return out.End()
	}); err != nil {
		return err
	}
	return out.Close()
}
