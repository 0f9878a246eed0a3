package collect

// tell notes a delivery for every hook of a project that listens to an event.
func (d *Desk) tell(tx Tx, project int64, event string, what map[string]string) error {
	hooks, _, err := tx.ListHooks(project)
	if err != nil {
		return err
	}
	return d.tellOf(tx, hooks, project, event, what)
}

func (d *Desk) tellOf(tx Tx, hooks []Hook, project int64, event string, what map[string]string) error {
	return nil
}
