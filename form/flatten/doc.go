// Package flatten knows how a form becomes the columns of tables and a record their rows: one table for what
// is asked once and one for each repeat, what each column and code means, and who may see it. It must not know
// files or stores, nor what an answer means.
//
// A Codebook describes the columns that an export of ODK Central or KoboToolbox has. Apply puts it on a
// table that was read from such an export, whatever way the export names its columns: with the path of
// groups or without, joined by a slash, a hyphen, a full stop or a colon.
//
// A Layout is the same for records of our own. Rows takes one apart as it arrives; Pack writes the cells of a
// class for a store to keep or seal; Merge joins the versions of a form; a Filler makes a table of stored rows:
//
//	l := flatten.NewLayout(f)
//	for _, r := range l.Rows(in) {
//		plain := l.Tables[r.Table].Pack(nil, r, dataset.Public, dataset.Internal)
//		...
//	}
//
// Invariants:
//
//  1. A version of a form has one layout for ever: what Pack wrote can be read as long as the form can.
//  2. What is packed for a class holds no cell of another.
//  3. An answer made of others has at least their class, unless the form says otherwise.
package flatten
