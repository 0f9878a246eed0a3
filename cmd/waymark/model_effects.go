package main

import (
	"math"
	"slices"

	"waymark/dataset"
	"waymark/stat/effect"
	"waymark/stat/formula"
	"waymark/stat/glm"
	"waymark/stat/glmm"
)

// effectsRecord is what --effects adds.
type effectsRecord struct {
	OddsRatios      []ratioRecord     `json:"odds_ratios,omitempty"`
	RateRatios      []ratioRecord     `json:"rate_ratios,omitempty"`
	Marginal        []marginalRecord  `json:"average_marginal_effects"`
	Predicted       []predictedRecord `json:"predicted"`
	ICC             []shareRecord     `json:"icc,omitempty"`
	MedianOddsRatio []shareRecord     `json:"median_odds_ratio,omitempty"`
	R2              *r2Record         `json:"r2,omitempty"`
	LikelihoodRatio *testRecord       `json:"likelihood_ratio,omitempty"`
	PseudoR2        *pseudoRecord     `json:"pseudo_r2,omitempty"`
	Discrimination  *discrimination   `json:"discrimination,omitempty"`
	GVIF            []inflationRecord `json:"gvif,omitempty"`
}

type estimateRecord struct {
	Estimate number `json:"estimate"`
	StdError number `json:"std_error"`
	Low      number `json:"low"`
	High     number `json:"high"`
}

type ratioRecord struct {
	Term        string  `json:"term"`
	Value       number  `json:"value"`
	Low         number  `json:"low"`
	High        number  `json:"high"`
	ProfileLow  *number `json:"profile_low,omitempty"`
	ProfileHigh *number `json:"profile_high,omitempty"`
}

// scoped is one quantity about two things: the typical group (group effects at zero) and the population
// (integrated over the groups). A model without groups has the first alone.
type scoped struct {
	Typical        estimateRecord  `json:"typical"`
	Population     *estimateRecord `json:"population,omitempty"`
	PopulationHeld *estimateRecord `json:"population_slopes_held,omitempty"`
}

type marginalRecord struct {
	Variable  string `json:"variable"`
	Level     string `json:"level,omitempty"`
	Reference string `json:"reference,omitempty"`
	scoped
}

type predictedRecord struct {
	Variable string `json:"variable"`
	Level    string `json:"level"`
	scoped
}

type shareRecord struct {
	Group string `json:"group"`
	Value number `json:"value"`
}

type r2Record struct {
	Marginal    number `json:"marginal"`
	Conditional number `json:"conditional"`
}

type testRecord struct {
	Against   string  `json:"against"` // "intercept": the intercept alone; "no groups": the model without groups
	ChiSquare number  `json:"chi_square"`
	DF        int     `json:"df"`
	P         number  `json:"p"`
	PlainP    *number `json:"p_plain,omitempty"` // without the mixture that a variance at its boundary asks for
}

type pseudoRecord struct {
	McFadden   number `json:"mcfadden"`
	CoxSnell   number `json:"cox_snell"`
	Nagelkerke number `json:"nagelkerke"`
}

type discrimination struct {
	Of             string            `json:"of"` // "fixed": group effects at zero or none; "conditional": with the groups' own
	AUC            estimateRecord    `json:"auc"`
	Brier          number            `json:"brier"`
	Tjur           number            `json:"tjur"`
	Calibration    calibrationRecord `json:"calibration"`
	HosmerLemeshow *hosmerRecord     `json:"hosmer_lemeshow,omitempty"`
}

type calibrationRecord struct {
	Intercept estimateRecord `json:"intercept"`
	Slope     estimateRecord `json:"slope"`
	InLarge   estimateRecord `json:"in_the_large"`
	Curve     []binRecord    `json:"curve"`
}

type binRecord struct {
	Persons   number `json:"persons"`
	Predicted number `json:"predicted"`
	Observed  number `json:"observed"`
	Low       number `json:"low"`
	High      number `json:"high"`
}

type hosmerRecord struct {
	Groups    int    `json:"groups"`
	ChiSquare number `json:"chi_square"`
	DF        int    `json:"df"`
	P         number `json:"p"`
}

type inflationRecord struct {
	Term   string `json:"term"`
	GVIF   number `json:"gvif"`
	DF     int    `json:"df"`
	Scaled number `json:"scaled"`
}

const (
	confidence    = effect.Confidence(0.95)
	quantileBins  = 10
	profileEffort = 200_000 // rows x coefficients up to which --effects profiles a multilevel model unasked
)

func estimated(e effect.Estimate) estimateRecord {
	return estimateRecord{number(e.Value), number(e.StdError), number(e.Low), number(e.High)}
}

// readEffects reads a fitted model.
func (j *fitJob) readEffects(r *fitRecord, m effect.Model, fit any, d *formula.Design, t *dataset.Table) error {
	sample, err := effect.NewSample(d, t)
	if err != nil {
		return err
	}
	e := &effectsRecord{}
	r.Effects = e
	likely := m // what probabilities are made of
	if single, is := fit.(*glm.Model); is && single.Options.Estimator == glm.Firth {
		likely = effect.Corrected(single)
	}
	if err := e.marginals(likely, sample); err != nil {
		return err
	}
	if err := e.predictions(likely, sample); err != nil {
		return err
	}
	if err := j.ratios(e, m, fit, d); err != nil {
		return err
	}
	if len(d.Terms) > 1 {
		for _, i := range effect.Inflations(m.Cov(), effect.TermsOf(d)) {
			e.GVIF = append(e.GVIF, inflationRecord{i.Term, number(i.GVIF), i.DF, number(i.Scaled)})
		}
	}
	binary := j.single.Family == glm.Binomial
	p := effect.Fitted(likely, d)
	of := "fixed"
	switch fit := fit.(type) {
	case *glm.Model:
		e.againstConstant(fit, d, r.Method)
		if binary && r.Method == "ml" {
			result := effect.Result{Probability: p, Successes: d.Y, Trials: d.Trials, Weights: d.Weights}
			if pseudo, err := result.PseudoR2(effect.Likelihood(fit.LogLik), effect.Likelihood(fit.NullLogLik)); err == nil {
				e.PseudoR2 = &pseudoRecord{number(pseudo.McFadden), number(pseudo.CoxSnell), number(pseudo.Nagelkerke)}
			}
		}
	case *glmm.Model:
		mixed := effect.Multilevel(fit)
		e.shares(mixed, sample, fit)
		e.againstNoGroups(fit, d)
		p, of = effect.Conditional(mixed, d), "conditional"
	}
	if binary {
		e.Discrimination = discriminate(p, d, of)
	}
	return nil
}

// againstConstant tests a single-level model against the intercept alone.
func (e *effectsRecord) againstConstant(fit *glm.Model, d *formula.Design, method string) {
	large := effect.ComparedSingle(fit)
	null := large
	null.LogLikelihood, null.Parameters = effect.Likelihood(fit.NullLogLik), 0
	if slices.Contains(d.Names, "(Intercept)") {
		null.Parameters = 1
	}
	if test, err := effect.Compare(null, large); err == nil && method == "ml" {
		e.LikelihoodRatio = &testRecord{Against: "intercept", ChiSquare: number(test.ChiSquare), DF: test.DF, P: number(test.P)}
	}
}

// againstNoGroups tests a multilevel model against the same model without groups.
func (e *effectsRecord) againstNoGroups(fit *glmm.Model, d *formula.Design) {
	flat := *d
	flat.Random = nil
	if len(d.Names) == 0 {
		return
	}
	single, err := glm.Fit(&flat, glm.Options{Family: glm.Family(fit.Options.Family)})
	if err != nil {
		return
	}
	test, err := effect.Compare(effect.ComparedSingle(single), effect.ComparedMultilevel(fit))
	if err != nil || fit.MethodName() == "fast" {
		return // the fast criterion is no likelihood of these coefficients
	}
	plain := number(test.PlainP)
	e.LikelihoodRatio = &testRecord{Against: "no groups", ChiSquare: number(test.ChiSquare), DF: test.DF, P: number(test.P), PlainP: &plain}
}

// marginals gives the average marginal effects in every scope that the model has.
func (e *effectsRecord) marginals(m effect.Model, s *effect.Sample) error {
	typical, err := effect.Marginals(m, s, effect.MarginalOptions{Confidence: confidence})
	if err != nil {
		return err
	}
	e.Marginal = make([]marginalRecord, len(typical))
	for k, x := range typical {
		e.Marginal[k] = marginalRecord{Variable: x.Variable, Level: x.Level, Reference: x.Reference, scoped: scoped{Typical: estimated(x.Estimate)}}
	}
	mixed, is := m.(effect.Mixed)
	if !is {
		return nil
	}
	ways := []effect.Slopes{effect.SlopesMove}
	for _, t := range mixed.Random() {
		if len(t.Names) > 1 || t.Names[0] != "(Intercept)" {
			ways = []effect.Slopes{effect.SlopesMove, effect.SlopesHeld}
		}
	}
	for _, slopes := range ways {
		population, err := effect.Marginals(m, s, effect.MarginalOptions{Scope: effect.Population, Confidence: confidence, Slopes: slopes})
		if err != nil {
			return err
		}
		for k, x := range population {
			found := estimated(x.Estimate)
			if slopes == effect.SlopesMove {
				e.Marginal[k].Population = &found
			} else if math.Abs(float64(found.Estimate-e.Marginal[k].Population.Estimate)) > 1e-12 {
				e.Marginal[k].PopulationHeld = &found
			}
		}
	}
	return nil
}

// predictions gives the probability (or mean) at every level of every factor, the other variables as observed.
func (e *effectsRecord) predictions(m effect.Model, s *effect.Sample) error {
	e.Predicted = []predictedRecord{}
	for _, v := range s.Variables() {
		for _, level := range v.Levels {
			record := predictedRecord{Variable: v.Name, Level: level}
			profile := effect.Profile{Levels: map[string]string{v.Name: level}}
			p, err := effect.Predict(m, s, profile, effect.PredictOptions{Scope: effect.Typical, Confidence: confidence})
			if err != nil {
				return err
			}
			record.Typical = estimated(p.Estimate)
			if _, mixed := m.(effect.Mixed); mixed {
				p, err := effect.Predict(m, s, profile, effect.PredictOptions{Scope: effect.Population, Confidence: confidence})
				if err != nil {
					return err
				}
				population := estimated(p.Estimate)
				record.Population = &population
			}
			e.Predicted = append(e.Predicted, record)
		}
	}
	return nil
}

// ratios gives odds or rate ratios, with profile intervals where they are asked for or cost little.
func (j *fitJob) ratios(e *effectsRecord, m effect.Model, fit any, d *formula.Design) error {
	found, err := effect.Ratios(m, d.Names, confidence)
	if err != nil || found == nil {
		return err
	}
	var list []ratioRecord
	for k, x := range found {
		record := ratioRecord{Term: x.Term, Value: number(x.Value), Low: number(x.Low), High: number(x.High)}
		if j.profile || d.Used*len(d.Names) <= profileEffort {
			if low, high, ok := profileOf(fit, k); ok {
				l, h := number(math.Exp(low)), number(math.Exp(high))
				record.ProfileLow, record.ProfileHigh = &l, &h
			}
		}
		list = append(list, record)
	}
	if m.Link() == effect.Log {
		e.RateRatios = list
	} else {
		e.OddsRatios = list
	}
	return nil
}

// profileOf gives the profile interval of one coefficient, where the fit can give one.
func profileOf(fit any, coef int) (low, high float64, ok bool) {
	switch m := fit.(type) {
	case *glm.Model:
		if !m.Converged {
			return 0, 0, false // no maximum to profile from
		}
		i := m.Profile(coef, float64(confidence))
		return i.Low, i.High, !math.IsNaN(i.Low) && !math.IsNaN(i.High)
	case *glmm.Model:
		i, err := m.Profile(coef, float64(confidence))
		return i.Low, i.High, err == nil
	}
	return 0, 0, false
}

// shares gives intra-class correlations, median odds ratios and explained variance.
func (e *effectsRecord) shares(m effect.Moded, s *effect.Sample, fit *glmm.Model) {
	residual := effect.Logit.Residual()
	switch fit.Options.Family {
	case glmm.Gaussian:
		residual = effect.Variance(fit.ResidualSD * fit.ResidualSD)
	case glmm.Poisson:
		return // the latent residual of counts depends on their mean; no one number is right
	}
	r2 := effect.Explained(m, s, residual)
	e.R2 = &r2Record{number(r2.Marginal), number(r2.Conditional)}
	var between []effect.Variance
	for _, t := range fit.Random {
		if len(t.Names) != 1 || t.Names[0] != "(Intercept)" {
			return // with slopes, the variance between groups depends on the covariates
		}
		between = append(between, effect.Variance(t.Covariance[0][0]))
	}
	for k, share := range effect.ICC(between, residual) {
		e.ICC = append(e.ICC, shareRecord{fit.Random[k].Group, number(share)})
		if fit.Options.Family == glmm.Binomial {
			e.MedianOddsRatio = append(e.MedianOddsRatio, shareRecord{fit.Random[k].Group, number(effect.MedianOddsRatio(between[k]))})
		}
	}
}

// discriminate measures fitted probabilities; nil where the outcome does not vary.
func discriminate(p []float64, d *formula.Design, of string) *discrimination {
	r := effect.Result{Probability: p, Successes: d.Y, Trials: d.Trials, Weights: d.Weights}
	auc, err := r.AUC(confidence)
	if err != nil {
		return nil
	}
	out := &discrimination{Of: of, AUC: estimated(auc)}
	brier, _ := r.Brier()
	tjur, _ := r.Tjur()
	out.Brier, out.Tjur = number(brier), number(tjur)
	if c, err := r.Calibrate(confidence); err == nil {
		out.Calibration = calibrationRecord{Intercept: estimated(c.Intercept), Slope: estimated(c.Slope), InLarge: estimated(c.InLarge)}
	}
	curve, _ := r.Curve(quantileBins, confidence)
	for _, b := range curve {
		out.Calibration.Curve = append(out.Calibration.Curve, binRecord{number(b.Persons), number(b.Predicted), number(b.Observed), number(b.Low), number(b.High)})
	}
	if h, err := r.HosmerLemeshow(quantileBins); err == nil {
		out.HosmerLemeshow = &hosmerRecord{h.Groups, number(h.ChiSquare), h.DF, number(h.P)}
	}
	return out
}
