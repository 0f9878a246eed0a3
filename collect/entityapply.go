package collect

// applyEntities makes and changes the entities that a record calls for; what is wrong becomes a flag.
func (d *Desk) applyEntities(tx Tx, a *arrival, r *Record) ([]Flag, error) { return nil, nil }

// openEntity gives an entity with its data.
func (d *Desk) openEntity(project int64, e Entity, sealed []byte) (Entity, error) { return e, nil }
