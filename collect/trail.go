package collect

import (
	"context"

	"waymark/trust/access"
	"waymark/trust/audit"
)

// Note writes an audit entry for what a caller did outside the Desk (an export that was sent, a sign-in by a provider).
func (d *Desk) Note(ctx context.Context, e audit.Entry) error {
	if e.At.IsZero() {
		e.At = d.now()
	}
	return d.options.Store.Write(ctx, func(tx Tx) error { return tx.Append(e) })
}

// Audit lists entries of the audit log, newest first.
func (d *Desk) Audit(ctx context.Context, by access.Actor, q AuditQuery) ([]audit.Link, error) {
	if err := need(by, access.ReadAudit, q.Project); err != nil {
		return nil, err
	}
	return looked(ctx, d, func(tx Tx) ([]audit.Link, error) { return tx.ListAudit(q) })
}

// VerifyAudit walks the chain: the number of links, or an issue with the first that does not hold.
func (d *Desk) VerifyAudit(ctx context.Context) (links int64, err error) {
	head, err := d.AuditHead(ctx)
	return head.Number, err
}

// AuditHead walks the chain and gives where it stands. Whoever holds the key of the database can cut off its end and
// leave a chain that holds: heads that were written down elsewhere, while they stood, tell.
func (d *Desk) AuditHead(ctx context.Context, recorded ...audit.Head) (audit.Head, error) {
	return looked(ctx, d, func(tx Tx) (audit.Head, error) {
		return audit.Verify(ChainKey(d.options.Keys), tx.EachLink(), recorded...)
	})
}

// AuditQuery asks for entries, newest first.
type AuditQuery struct {
	Project int64
	Actor   string
	Act     string // prefix
	Object  string
	Before  int64 // number
	Limit   int
}
