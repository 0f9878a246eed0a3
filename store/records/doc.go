// Package records knows the tables that a collect.Store is made of and the SQL that both databases share: $1, $2, …
// in the order they first appear, BOOLEAN, BIGINT, TEXT and bytes, ON CONFLICT, and RETURNING mean the same in SQLite
// and in PostgreSQL. It must not know how a database is opened (store/sqlite, store/postgres), what bytes that are
// sealed hold, nor what may be done with a record: that is the desk's.
//
// Writes that wait at the same time share one transaction, each in a savepoint of its own, so that one sync of the
// disk serves many phones. The audit chain is read and continued inside that transaction, in the order of commits.
//
// Reads give pages: between two pages other questions may be asked of the same Tx, on either database.
//
// Invariants, named where they are checked:
//
//  1. Write returns nil only after its transaction was committed and synced.
//  2. A write that fails leaves no trace, and no other write of the same commit feels it.
//  3. One chain of audit entries per database: number and hash are given under the lock of the writer.
//  4. Times are kept in microseconds since 1970 in UTC; 0 is the zero time.
package records
