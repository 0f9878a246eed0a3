package collect

import (
	"context"
	"errors"

	"waymark/fault"
	"waymark/trust/access"
	"waymark/trust/audit"
)

// authoritySetting is the key of the certificate authority among the settings.
const authoritySetting = "server.authority"

// Authority gives the certificate authority of this server, as made by the first call: bytes that make gives are sealed
// and kept with the records, and the same ever after.
func (d *Desk) Authority(ctx context.Context, make func() ([]byte, error)) ([]byte, error) {
	purpose := "authority"
	var kept []byte
	err := d.options.Store.Read(ctx, func(tx Tx) error {
		var err error
		kept, err = tx.Setting(authoritySetting)
		return err
	})
	if err == nil && len(kept) > 0 {
		return d.options.Keys.Open(purpose, []byte(authoritySetting), kept)
	}
	if err != nil && !errors.Is(err, fault.NotFound) {
		return nil, err
	}
	made, err := make()
	if err != nil {
		return nil, err
	}
	sealed := d.options.Keys.Seal(purpose, []byte(authoritySetting), made)
	err = d.options.Store.Write(ctx, func(tx Tx) error {
		if err := tx.SetSetting(authoritySetting, sealed); err != nil {
			return err
		}
		return tx.Append(audit.Entry{At: d.options.Now(), Actor: string(access.System), Act: "server.authority"})
	})
	return made, err
}

// Healthy says whether records can be read.
func (d *Desk) Healthy(ctx context.Context) error {
	return d.options.Store.Read(ctx, func(tx Tx) error {
		_, err := tx.ListProjects()
		return err
	})
}

// ChainKey is the key of the audit chain: a store is opened with it, and VerifyAudit walks with it.
func ChainKey(keys Keys) []byte { return keys.Mac("audit.chain", []byte("1")) }
