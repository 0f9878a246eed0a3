package collect

import (
	"context"

	"waymark/trust/access"
)

// TryForm compiles a file as UploadForm does and keeps nothing: what its id would be, and what is wrong with it.
func (d *Desk) TryForm(_ context.Context, by access.Actor, project int64, name string, file []byte) (Version, error) {
	if err := need(by, access.ManageForms, project); err != nil {
		return Version{}, err
	}
	return d.compile(name, file)
}
