package collect

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"waymark/fault"
	"waymark/trust/access"
)

// What cannot be done with hooks.
const (
	CodeHookURL   fault.Code = "collect.hook-url"   //
	CodeHookEvent fault.Code = "collect.hook-event" // event
)

// hookEvents are what a hook may be told of.
var hookEvents = []string{"record.accepted", "record.edited", "record.reviewed", "record.deleted", "form.published"}

const (
	firstRetry  = time.Minute // after a delivery failed; doubled each time
	longRetry   = 20 * time.Minute
	mostTries   = 12
	hookLease   = 5 * time.Minute // a delivery that was handed out is not handed out again before
	mostAtATime = 200
)

// outgoing remembers deliveries that were handed out.
type outgoing struct {
	lock sync.Mutex
	of   map[int64]Delivery
}

// AddHook makes a webhook; its secret is shown once.
func (d *Desk) AddHook(ctx context.Context, by access.Actor, h Hook) (made Hook, secret string, err error) {
	if err := need(by, access.ManageHooks, h.Project); err != nil {
		return Hook{}, "", err
	}
	u, err := url.Parse(h.URL)
	if err != nil || u.Scheme != "https" && u.Scheme != "http" || u.Host == "" || u.User != nil || len(h.URL) > 1000 {
		return Hook{}, "", fault.Issue{Code: CodeHookURL}
	}
	for _, e := range h.Events {
		if !oneOf(e, hookEvents) {
			return Hook{}, "", fault.Issue{Code: CodeHookEvent, Args: map[string]any{"event": e}}
		}
	}
	if len(h.Events) == 0 {
		h.Events = slices.Clone(hookEvents)
	}
	secret = d.options.Keys.Token(32)
	h.Secret, h.Created = "", d.now()
	sealed := d.options.Keys.Seal(forHook, bound(h.Project, h.URL), []byte(secret))
	defer d.forget(h.Project)
	made, err = written(ctx, d, func(tx Tx) (Hook, error) {
		h := h
		if _, err := tx.GetProject(h.Project); err != nil {
			return Hook{}, notThere(err, "project")
		}
		id, err := tx.AddHook(h, sealed)
		if err != nil {
			return Hook{}, err
		}
		h.ID = id
		return h, tx.Append(d.entry(by, "hook.add", h.Project, "hook:"+strconv.FormatInt(id, 10)))
	})
	if err != nil {
		return Hook{}, "", err
	}
	return made, secret, nil
}

// Hooks lists the webhooks of a project, without their secrets.
func (d *Desk) Hooks(ctx context.Context, by access.Actor, project int64) ([]Hook, error) {
	if err := need(by, access.ManageHooks, project); err != nil {
		return nil, err
	}
	return looked(ctx, d, func(tx Tx) ([]Hook, error) {
		hooks, _, err := tx.ListHooks(project)
		return hooks, err
	})
}

// DropHook takes a webhook and its deliveries away.
func (d *Desk) DropHook(ctx context.Context, by access.Actor, project, id int64) error {
	if err := need(by, access.ManageHooks, project); err != nil {
		return err
	}
	defer d.forget(project)
	return d.options.Store.Write(ctx, func(tx Tx) error {
		if err := tx.DropHook(project, id); err != nil {
			return notThere(err, "hook")
		}
		return tx.Append(d.entry(by, "hook.drop", project, "hook:"+strconv.FormatInt(id, 10)))
	})
}

// Deliveries lists the latest deliveries of a hook.
func (d *Desk) Deliveries(ctx context.Context, by access.Actor, project, hook int64) ([]Delivery, error) {
	if err := need(by, access.ManageHooks, project); err != nil {
		return nil, err
	}
	return looked(ctx, d, func(tx Tx) ([]Delivery, error) { return tx.ListDeliveries(project, hook, mostAtATime) })
}

// message is what a hook is told: codes and ids, no answer. docs/formats/records.md has its fields.
type message struct {
	Event   string            `json:"event"`
	Project int64             `json:"project"`
	At      time.Time         `json:"at"`
	What    map[string]string `json:"what"`
}

// tell notes a delivery for every hook of a project that listens to an event.
func (d *Desk) tell(tx Tx, project int64, event string, what map[string]string) error {
	hooks, _, err := tx.ListHooks(project)
	if err != nil {
		return err
	}
	return d.tellOf(tx, hooks, project, event, what)
}

func (d *Desk) tellOf(tx Tx, hooks []Hook, project int64, event string, what map[string]string) error {
	var body []byte
	for _, h := range hooks {
		if h.Disabled || !oneOf(event, h.Events) {
			continue
		}
		at := d.now().UTC().Truncate(time.Second)
		if body == nil {
			var err error
			if body, err = json.Marshal(message{Event: event, Project: project, At: at, What: what}); err != nil {
				return err
			}
		}
		if err := tx.AddDelivery(Delivery{Hook: h.ID, Event: event, At: at, Next: at}, body); err != nil {
			return err
		}
	}
	return nil
}

// Due gives deliveries whose time has come, with the hook and the body to send; Delivered says how one went. What is
// given is not given again for five minutes, whoever asks.
func (d *Desk) Due(ctx context.Context, limit int) ([]Outgoing, error) {
	if limit <= 0 || limit > mostAtATime {
		limit = mostAtATime
	}
	out, err := written(ctx, d, func(tx Tx) ([]Outgoing, error) {
		due, bodies, err := tx.DueDeliveries(d.now(), limit)
		if err != nil {
			return nil, err
		}
		var out []Outgoing
		secrets := map[int64]Hook{}
		for i, one := range due {
			var m message
			if err := json.Unmarshal(bodies[i], &m); err != nil {
				return nil, err
			}
			if _, ok := secrets[one.Hook]; !ok {
				if err := d.openHooks(tx, m.Project, secrets); err != nil {
					return nil, err
				}
			}
			h := secrets[one.Hook]
			one.Next = d.now().Add(hookLease)
			if err := tx.SetDelivery(one); err != nil {
				return nil, err
			}
			out = append(out, Outgoing{Delivery: one, URL: h.URL, Body: bodies[i], Signature: signature(h.Secret, one.At, bodies[i])})
		}
		return out, nil
	})
	d.outgoing.lock.Lock()
	defer d.outgoing.lock.Unlock()
	if d.outgoing.of == nil {
		d.outgoing.of = map[int64]Delivery{}
	}
	for _, o := range out {
		d.outgoing.of[o.Delivery.ID] = o.Delivery
	}
	return out, err
}

func (d *Desk) openHooks(tx Tx, project int64, into map[int64]Hook) error {
	hooks, sealed, err := tx.ListHooks(project)
	if err != nil {
		return err
	}
	for i, h := range hooks {
		secret, err := d.options.Keys.Open(forHook, bound(project, h.URL), sealed[i])
		if err != nil {
			return err
		}
		h.Secret = string(secret)
		into[h.ID] = h
	}
	return nil
}

// signature is hex HMAC-SHA-256, keyed by the hook's secret, of the delivery's time in seconds since 1970, a full
// stop and the body.
func signature(secret string, at time.Time, body []byte) string {
	h := hmac.New(sha256.New, []byte(secret))
	h.Write([]byte(strconv.FormatInt(at.Unix(), 10) + "."))
	h.Write(body)
	return hex.EncodeToString(h.Sum(nil))
}

// Delivered says how a delivery went: the status of the answer, 0 where none came. What failed is tried again after a
// minute, two, four, up to twenty, twelve times in all; an answer 410 ends it at once.
func (d *Desk) Delivered(ctx context.Context, delivery int64, status int) error {
	d.outgoing.lock.Lock()
	one, ok := d.outgoing.of[delivery]
	delete(d.outgoing.of, delivery)
	d.outgoing.lock.Unlock()
	if !ok {
		return missing("delivery")
	}
	one.Attempts++
	one.Status = status
	one.Done = status >= 200 && status < 300 || status == 410 || one.Attempts >= mostTries
	one.Next = d.now().Add(min(firstRetry<<min(one.Attempts-1, 10), longRetry))
	return d.options.Store.Write(ctx, func(tx Tx) error { return tx.SetDelivery(one) })
}

// String hides the secret.
func (h Hook) String() string {
	return "hook " + strings.TrimSpace(strconv.FormatInt(h.ID, 10)) + " (sealed)"
}

// Outgoing is a delivery ready to be sent: a body without answers and its signature.
type Outgoing struct {
	Delivery
	URL       string
	Body      []byte
	Signature string // hex HMAC-SHA-256 of the time and the body
}
