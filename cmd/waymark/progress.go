package main

import (
	"os"

	"github.com/schollz/progressbar/v3"
)

// progress shows how far a run is, on standard error and only on a terminal.
type progress struct {
	room *room
	bar  *progressbar.ProgressBar
	name string
}

func newProgress(r *room) *progress {
	p := &progress{room: r}
	f, ok := r.err.(*os.File)
	if !ok {
		return p
	}
	if info, err := f.Stat(); err != nil || info.Mode()&os.ModeCharDevice == 0 {
		return p
	}
	p.bar = progressbar.NewOptions(1, progressbar.OptionSetWriter(f), progressbar.OptionClearOnFinish(), progressbar.OptionSetWidth(30))
	return p
}

// step says which step a run is at, and how much of it is done.
func (p *progress) step(name string, done, of int) {
	if p.bar == nil {
		return
	}
	if name != p.name {
		p.name = name
		p.bar.Reset()
		p.bar.ChangeMax(max(of, 1))
		p.bar.Describe(p.room.speak().Text(name, nil))
	}
	_ = p.bar.Set(done)
}

// finish takes the bar away.
func (p *progress) finish() {
	if p.bar != nil {
		_ = p.bar.Clear()
		p.bar = nil
	}
}
