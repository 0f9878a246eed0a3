package collect

import (
	"context"

	"waymark/trust/audit"
)

// Note writes an audit entry for what a caller did outside the Desk (an export that was sent, a sign-in by a provider).
func (d *Desk) Note(ctx context.Context, e audit.Entry) error {
	if e.At.IsZero() {
		e.At = d.now()
	}
	return d.options.Store.Write(ctx, func(tx Tx) error { return tx.Append(e) })
}
