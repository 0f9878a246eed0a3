package records

import (
	"database/sql"
	"fmt"
	"time"

	"waymark/collect"
)

func (t *tx) AddHook(h collect.Hook, sealed []byte) (int64, error) {
	return t.insert("hook", `INSERT INTO hooks (project, url, events, disabled, created, secret) VALUES ($1, $2, $3, $4, $5, $6) RETURNING id`,
		h.Project, h.URL, pack(h.Events), h.Disabled, stamp(h.Created), orNull(sealed))
}

func (t *tx) ListHooks(project int64) (hooks []collect.Hook, sealed [][]byte, err error) {
	err = t.each(`SELECT id, project, url, events, disabled, created, secret FROM hooks WHERE project = $1 ORDER BY id`, []any{project}, func(rows *sql.Rows) error {
		var h collect.Hook
		var s []byte
		err := rows.Scan(&h.ID, &h.Project, &h.URL, packed{&h.Events}, &h.Disabled, clock{&h.Created}, &s)
		hooks, sealed = append(hooks, h), append(sealed, s)
		return err
	})
	return hooks, sealed, err
}

// DropHook removes a hook and its deliveries.
func (t *tx) DropHook(project, id int64) error {
	return t.must(fmt.Sprintf("hook %d", id), `DELETE FROM hooks WHERE project = $1 AND id = $2`, project, id)
}

const deliveryColumns = `d.id, d.hook, d.event, d.at, d.attempts, d.status, d.next, d.done`

func deliveryFields(d *collect.Delivery) []any {
	return []any{&d.ID, &d.Hook, &d.Event, clock{&d.At}, &d.Attempts, &d.Status, clock{&d.Next}, &d.Done}
}

func (t *tx) AddDelivery(d collect.Delivery, body []byte) error {
	_, err := t.exec(`INSERT INTO deliveries (hook, event, at, attempts, status, next, done, body) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`,
		d.Hook, d.Event, stamp(d.At), d.Attempts, d.Status, stamp(d.Next), d.Done, bytesOf(body))
	return err
}

func (t *tx) SetDelivery(d collect.Delivery) error {
	return t.must(fmt.Sprintf("delivery %d", d.ID), `UPDATE deliveries SET attempts = $1, status = $2, next = $3, done = $4 WHERE id = $5`, d.Attempts, d.Status, stamp(d.Next), d.Done, d.ID)
}

// DueDeliveries gives what is to be sent by a time, the longest due first; hooks that are disabled wait.
func (t *tx) DueDeliveries(at time.Time, limit int) (due []collect.Delivery, bodies [][]byte, err error) {
	err = t.each(`SELECT `+deliveryColumns+`, d.body FROM deliveries d JOIN hooks h ON h.id = d.hook WHERE d.next <= $1 AND NOT d.done AND NOT h.disabled ORDER BY d.next, d.id LIMIT $2`,
		[]any{stamp(at), limit}, func(rows *sql.Rows) error {
			var d collect.Delivery
			var b []byte
			err := rows.Scan(append(deliveryFields(&d), &b)...)
			due, bodies = append(due, d), append(bodies, b)
			return err
		})
	return due, bodies, err
}

// ListDeliveries gives the deliveries of a hook, the newest first.
func (t *tx) ListDeliveries(project, hook int64, limit int) ([]collect.Delivery, error) {
	return list(t, `SELECT `+deliveryColumns+` FROM deliveries d JOIN hooks h ON h.id = d.hook WHERE h.project = $1 AND d.hook = $2 ORDER BY d.id DESC LIMIT $3`,
		[]any{project, hook, limit}, func(rows *sql.Rows) (d collect.Delivery, err error) { return d, rows.Scan(deliveryFields(&d)...) })
}
