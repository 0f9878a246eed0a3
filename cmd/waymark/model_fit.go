package main

import (
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"waymark/stat/glm"
	"waymark/stat/glmm"
)

// fitFlags are the options of model fit as written.
type fitFlags struct {
	data, formula            string
	family, link             string
	method                   string
	points                   int
	criterion                string
	weights, kind, offset    string
	levels                   string
	estimator                string
	robust, missing          string
	effects, profile, asJSON bool
}

func newModelFit(r *room) *cobra.Command {
	var f fitFlags
	c := &cobra.Command{
		Use:   "fit",
		Short: "model.fit",
		Long:  "model.fit-long",
		Example: `  waymark model fit --data survey.csv --formula 'exploited ~ route + sex + (1 | nationality)'
  waymark model fit --data herds.csv --formula 'cbind(sick, well) ~ period + (1 | herd)' --levels 'period=1,2,3,4' --json
  waymark model fit --data births.parquet --formula 'low ~ age + smoke' --estimator firth --effects`,
		Args: noArguments,
		RunE: func(c *cobra.Command, _ []string) error {
			if err := need(c, "data", "formula"); err != nil {
				return err
			}
			job, err := f.job(c)
			if err != nil {
				return err
			}
			record, err := job.run()
			if err != nil {
				return err
			}
			record.speak(r.speak())
			if f.asJSON {
				return record.writeJSON(r.out)
			}
			return record.writeTable(r.out, r.speak())
		},
	}
	s := c.Flags()
	s.StringVar(&f.data, "data", "", "model.flag.data")
	s.StringVar(&f.formula, "formula", "", "model.flag.formula")
	s.StringVar(&f.family, "family", "binomial", "model.flag.family")
	s.StringVar(&f.link, "link", "", "model.flag.link")
	s.StringVar(&f.method, "method", "", "model.flag.method")
	s.IntVar(&f.points, "points", 0, "model.flag.points")
	s.StringVar(&f.criterion, "criterion", "", "model.flag.criterion")
	s.StringVar(&f.weights, "weights", "", "model.flag.weights")
	s.StringVar(&f.kind, "weights-kind", "", "model.flag.weights-kind")
	s.StringVar(&f.offset, "offset", "", "model.flag.offset")
	s.StringVar(&f.levels, "levels", "", "model.flag.levels")
	s.StringVar(&f.missing, "missing", "", "model.flag.missing")
	s.StringVar(&f.estimator, "estimator", "ml", "model.flag.estimator")
	s.StringVar(&f.robust, "robust", "", "model.flag.robust")
	s.BoolVar(&f.effects, "effects", false, "model.flag.effects")
	s.BoolVar(&f.profile, "profile", false, "model.flag.profile")
	s.BoolVar(&f.asJSON, "json", false, "cmd.flag.json")
	return c
}

// choose finds a flag's value among those it may have.
func choose(flag, have string, known ...string) (int, error) {
	if k := slices.Index(known, have); k >= 0 {
		return k, nil
	}
	return 0, misused(codeFlagChoice, map[string]any{"flag": "--" + flag, "have": have, "known": strings.Join(known, ", ")})
}

// job checks the options against each other and gives what is to be done.
func (f fitFlags) job(c *cobra.Command) (*fitJob, error) {
	j := &fitJob{data: f.data, text: f.formula, effects: f.effects || f.profile, profile: f.profile, robust: f.robust}
	family, err := choose("family", f.family, "binomial", "poisson", "gaussian")
	if err != nil {
		return nil, err
	}
	j.single.Family, j.mixed.Family = glm.Family(family), glmm.Family(family)
	if f.link != "" {
		link, err := choose("link", f.link, "logit", "probit", "cloglog", "log", "identity")
		if err != nil {
			return nil, err
		}
		j.single.Link = glm.Logit + glm.Link(link)
	}
	if f.method != "" {
		method, err := choose("method", f.method, "laplace", "fast", "quadrature")
		if err != nil {
			return nil, err
		}
		j.mixed.Method = glmm.Laplace + glmm.Method(method)
	}
	if c.Flags().Changed("points") {
		if f.method != "quadrature" || f.points < 1 || f.points > 100 {
			return nil, misused(codeModelPoints, map[string]any{"have": f.points})
		}
		j.mixed.Points = f.points
	}
	if f.criterion != "" {
		criterion, err := choose("criterion", f.criterion, "reml", "ml")
		if err != nil {
			return nil, err
		}
		if j.mixed.Family != glmm.Gaussian {
			return nil, misused(codeModelCriterion, map[string]any{"family": f.family})
		}
		j.mixed.Criterion = glmm.Criterion(criterion)
	}
	estimator, err := choose("estimator", f.estimator, "ml", "firth")
	if err != nil {
		return nil, err
	}
	j.single.Estimator = glm.Estimator(estimator)
	if j.levels, err = parseLevels(f.levels); err != nil {
		return nil, err
	}
	for _, code := range strings.Split(f.missing, ",") {
		if code = strings.TrimSpace(code); code != "" {
			j.missing = append(j.missing, code)
		}
	}
	j.weights, j.offset = f.weights, f.offset
	if f.kind != "" {
		kind, err := choose("weights-kind", f.kind, "frequency", "trials")
		if err != nil {
			return nil, err
		}
		if f.weights == "" {
			return nil, misused(codeModelTrialsAlone, nil)
		}
		j.trials = kind == 1
	}
	return j, nil
}
