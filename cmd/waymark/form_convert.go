package main

import (
	"crypto/md5" // phones know forms by it
	"encoding/hex"
	"fmt"
	"io"
	"path/filepath"

	"github.com/spf13/cobra"

	"waymark/fault"
	"waymark/form/xform"
)

const codeFormWritten fault.Code = "formverb.written" // file, bytes, md5

// itemsetsFile is the name that phones look for external choices by.
const itemsetsFile = "itemsets.csv"

func newFormConvert(r *room) *cobra.Command {
	asJSON, out, instance := false, "", ""
	c := &cobra.Command{
		Use:   "convert FILE",
		Short: "formverb.convert",
		Long:  "formverb.convert-long",
		Args:  oneForm("waymark form convert"),
		RunE: func(c *cobra.Command, args []string) error {
			if err := need(c, "out"); err != nil {
				return err
			}
			return convertForm(r, args[0], out, instance, asJSON)
		},
	}
	c.Flags().StringVar(&out, "out", "", "formverb.flag.out")
	c.Flags().StringVar(&instance, "instance", "", "formverb.flag.instance")
	c.Flags().BoolVar(&asJSON, "json", false, "cmd.flag.json")
	return c
}

// convertForm writes a form for phones; one with mistakes is not written, and they are listed.
func convertForm(r *room, name, out, instance string, asJSON bool) error {
	compiled, record, err := readForm(name, instance, r.speak())
	if err != nil {
		return err
	}
	if !record.Usable {
		if err := record.print(r, asJSON); err != nil {
			return err
		}
		return record.err()
	}
	text, issues := xform.Encode(compiled)
	if err := issues.Err(); err != nil {
		return err
	}
	write := func(file string, b []byte) error {
		return writeBeside(file, func(w io.Writer) error { _, err := w.Write(b); return err })
	}
	if err := write(out, text); err != nil {
		return err
	}
	sum := md5.Sum(text)
	record.Out, record.Bytes, record.Hash = out, len(text), hex.EncodeToString(sum[:])
	if choices := xform.Itemsets(compiled); choices != nil {
		record.Itemsets = filepath.Join(filepath.Dir(out), itemsetsFile)
		if err := write(record.Itemsets, choices); err != nil {
			return err
		}
	}
	if asJSON {
		return record.print(r, true)
	}
	p := r.speak()
	fmt.Fprintln(r.out, p.Text(string(codeFormWritten), map[string]any{"file": out, "bytes": record.Bytes, "md5": record.Hash}))
	if record.Itemsets != "" {
		fmt.Fprintln(r.out, p.Text("formverb.itemsets", map[string]any{"file": record.Itemsets}))
	}
	if n := len(record.Advice) + len(record.Web); n > 0 {
		fmt.Fprintln(r.out, p.Text("formverb.more", map[string]any{"count": n, "command": "waymark form check " + name}))
	}
	return nil
}
