package collect

import "waymark/trust/access"

// applyEntities makes and changes the entities that a record calls for; what is wrong becomes a flag.
func (d *Desk) applyEntities(tx Tx, a *arrival, r *Record) ([]Flag, error) { return nil, nil }

// openEntity gives an entity with its data.
func (d *Desk) openEntity(project int64, e Entity, sealed []byte) (Entity, error) { return e, nil }

// approveEntities makes the entities of approval lists that a record calls for.
func (d *Desk) approveEntities(tx Tx, by access.Actor, s *Stored) error { return nil }
