package main

import (
	"encoding/json"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"syscall"
	"time"

	"waymark/dataset"
	"waymark/dataset/csv"
	"waymark/dataset/parquet"
	formulas "waymark/stat/formula"
	"waymark/stat/glmm"
)

// fitted is what one fit alone cost and found, by Waymark or by a peer.
type fitted struct {
	Engine        string  `json:"engine"`
	Version       string  `json:"version"`
	R             string  `json:"r"`
	Rows          int     `json:"n_rows"`
	ReadCPU       float64 `json:"read_cpu"` // user seconds
	FitCPU        float64 `json:"fit_cpu"`  // user seconds, standard errors included
	LogLikelihood float64 `json:"log_likelihood"`
	Route         float64 `json:"route"`
	RouteSE       float64 `json:"route_se"`
}

// userCPU is the user seconds that this process has used so far.
func userCPU() float64 {
	var u syscall.Rusage
	if syscall.Getrusage(syscall.RUSAGE_SELF, &u) != nil {
		return math.NaN()
	}
	return float64(u.Utime.Sec) + float64(u.Utime.Usec)/1e6
}

// fit reads a file, fits the model with standard errors and prints what that cost, reading and fit apart. Small files
// are fitted again until a second is spent, and the cost is the mean: one fit is shorter than the system's clock ticks.
func fit(name string) error {
	start := userCPU()
	table, err := load(name)
	if err != nil {
		return err
	}
	out := fitted{Engine: "waymark", Rows: table.Rows(), ReadCPU: userCPU() - start}
	parsed, err := formulas.Parse(formula)
	if err != nil {
		return err
	}
	levels := map[string][]string{"route": {"Eastern", "Central"}}
	start = userCPU()
	began := time.Now()
	runs := 0
	for runs == 0 || time.Since(began) < time.Second {
		design, err := formulas.Build(parsed, table, formulas.Options{Levels: levels})
		if err != nil {
			return err
		}
		m, err := glmm.Fit(design, glmm.Options{Family: glmm.Binomial, Method: glmm.Laplace})
		if err != nil {
			return err
		}
		runs++
		k := slices.Index(design.Names, "routeCentral")
		out.LogLikelihood, out.Route, out.RouteSE = m.LogLik, m.Coef()[k], m.SE()[k]
	}
	out.FitCPU = (userCPU() - start) / float64(runs)
	return json.NewEncoder(os.Stdout).Encode(out)
}

// load reads the columns of the model.
func load(name string) (*dataset.Table, error) {
	parsed, err := formulas.Parse(formula)
	if err != nil {
		return nil, err
	}
	o := dataset.ReadOptions{Document: filepath.Base(name), Columns: parsed.Columns()}
	file, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	var loaded *dataset.Loaded
	switch ending(name) {
	case "csv":
		loaded, err = csv.Read(file, csv.Options{ReadOptions: o})
	case "parquet":
		info, statErr := file.Stat()
		if statErr != nil {
			return nil, statErr
		}
		loaded, err = parquet.Read(file, info.Size(), parquet.Options{ReadOptions: o, Unhashed: true})
	default:
		err = fmt.Errorf("%s ends neither in .csv nor in .parquet", name)
	}
	if err != nil {
		return nil, err
	}
	return loaded.Table, nil
}
