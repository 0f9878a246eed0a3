package main

import (
	"cmp"
	"encoding/json"
	"fmt"
	"runtime"
	"runtime/debug"

	"github.com/spf13/cobra"

	"waymark/serve/respond"
)

// version is written by the linker: -X main.version=v1.2.3.
var version string

// build is what the program says of itself.
type build struct {
	Version  string `json:"version"`
	Revision string `json:"revision"`
	Go       string `json:"go"`
	Platform string `json:"platform"`
	WebForm  string `json:"webForm"` // version of the engine that shows forms in a browser; "" where it was left out
}

func newVersion(r *room) *cobra.Command {
	asJSON := false
	c := &cobra.Command{
		Use:   "version",
		Short: "cmd.version",
		Args:  noArguments,
		RunE:  func(*cobra.Command, []string) error { return printVersion(r, asJSON) },
	}
	c.Flags().BoolVar(&asJSON, "json", false, "cmd.flag.json")
	return c
}

// printVersion says which program this is.
func printVersion(r *room, asJSON bool) error {
	v := builtVersion()
	if asJSON {
		return json.NewEncoder(r.out).Encode(v)
	}
	if _, err := fmt.Fprintf(r.out, "waymark %s %s %s\n", v.Version, v.Go, v.Platform); err != nil {
		return err
	}
	if v.WebForm == "" {
		r.say("respond.left-out", nil)
	}
	return nil
}

// builtVersion reads what the Go tool wrote into the program.
func builtVersion() build {
	v := build{Version: cmp.Or(version, "devel"), Go: runtime.Version(), Platform: runtime.GOOS + "/" + runtime.GOARCH, WebForm: respond.Engine()}
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return v
	}
	if version == "" && info.Main.Version != "" && info.Main.Version != "(devel)" {
		v.Version = info.Main.Version
	}
	for _, s := range info.Settings {
		if s.Key == "vcs.revision" {
			v.Revision = s.Value
		}
	}
	return v
}
