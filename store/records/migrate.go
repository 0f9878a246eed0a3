package records

import (
	"context"
	"database/sql"
	"embed"
	"fmt"
	"io/fs"

	"github.com/pressly/goose/v3"

	"waymark/fault"
)

// migrations only grow: a file that was released is never changed.
//
//go:embed migrations
var migrations embed.FS

// Migrate brings the tables of a database to what this program knows. A database that a newer program has migrated
// is refused with CodeNewer.
func Migrate(ctx context.Context, db *sql.DB, d Dialect) error {
	return MigrateTo(ctx, db, d, 0)
}

// MigrateTo is Migrate up to a version, for tests of migrations; 0 is the newest.
func MigrateTo(ctx context.Context, db *sql.DB, d Dialect, version int64) error {
	files, err := fs.Sub(migrations, "migrations/"+d.Name)
	if err != nil {
		return fmt.Errorf("read migrations: %w", err)
	}
	p, err := goose.NewProvider(d.Goose, db, files, goose.WithDisableGlobalRegistry(true), goose.WithTableName("migrations"))
	if err != nil {
		return fmt.Errorf("read migrations: %w", err)
	}
	have, err := p.GetDBVersion(ctx)
	if err != nil {
		return d.Explain(fmt.Errorf("read version of tables: %w", err))
	}
	sources := p.ListSources()
	known := sources[len(sources)-1].Version
	if newest := max(have, version); newest > known {
		return fault.Issue{Code: CodeNewer, Args: map[string]any{"have": newest, "known": known}, Kind: fault.Conflict}
	}
	if version == 0 {
		version = known
	}
	if _, err := p.UpTo(ctx, version); err != nil {
		return d.Explain(fmt.Errorf("migrate: %w", err))
	}
	return nil
}
