# Makes made.csv and references.json: small reference fits of multilevel models, one for each family and shape.
# Run: Rscript references.R, in this folder. Data are simulated here; nothing else is read.
# Poisson and binomial: glmmTMB (Laplace, automatic derivatives), tight optimiser. Gaussian: lme4, REML and ML.
# Frequency weights are made by repeating rows, so that nothing hangs on what a program means by weights.
# Tolerances in the test: estimates 1e-3 of a standard error, log-likelihood 1e-5, standard errors 2e-3 of themselves
# (glmmTMB differences its exact gradient; lme4's profiled deviance is minimised to about 1e-8).
suppressMessages({library(lme4); library(glmmTMB); library(jsonlite)})
RNGversion("4.2.0"); set.seed(20170101)
n <- 600
d <- data.frame(
  x = round(rnorm(n), 3), f = sample(c("a", "b", "c"), n, TRUE), b = sample(0:1, n, TRUE),
  g = sprintf("g%02d", sample(1:16, n, TRUE)), k = sprintf("k%d", sample(1:7, n, TRUE)),
  inner = sprintf("i%02d", sample(1:30, n, TRUE)), e = round(runif(n, -1, 1), 3), w = sample(1:3, n, TRUE),
  n = sample(2:9, n, TRUE))
d$outer <- sprintf("o%d", as.integer(substr(d$inner, 2, 3)) %% 6)
re <- function(f, sd) { f <- factor(f); rnorm(nlevels(f), 0, sd)[f] }
eta <- -0.3 + 0.5 * d$x + c(a = 0, b = 0.6, c = -0.4)[d$f] + re(d$g, 0.8) + d$x * re(d$g, 0.7) + re(d$k, 0.8) +
  re(d$inner, 0.7) + re(d$outer, 0.9) + 0.5 * d$e
d$y01 <- rbinom(n, 1, plogis(eta)); d$yes <- rbinom(n, d$n, plogis(eta)); d$no <- d$n - d$yes
d$count <- rpois(n, exp(eta)); d$z <- round(2 + eta + rnorm(n), 4)
write.csv(d, "made.csv", row.names = FALSE, quote = FALSE)

shapes <- list(
  intercept = "x + f + (1 | g)", slope = "x + f + (1 + x | g)", separate = "x + f + (1 + x || g)",
  nested = "x + f + (1 | outer/inner)", crossed = "x + f + (1 | g) + (1 | k)",
  offset = "x + f + offset(e) + (1 | g)", weights = "x + f + (1 | g)", trials = "x + f + (1 | g)")
ctrl <- glmmTMBControl(optCtrl = list(iter.max = 1e4, eval.max = 1e4, rel.tol = 1e-13))
out <- list()
note <- function(id, family, shape, formula, coef, se, sds, ll, extra = list())
  out[[id]] <<- c(list(family = family, shape = shape, formula = formula, coef = as.list(coef), se = as.list(se), sd = sds,
    logLik = as.numeric(ll)), extra)
sds <- function(v) { # list of lists: group -> effect -> sd, `||` terms joined
  r <- list()
  for (g in names(v)) { s <- attr(v[[g]], "stddev"); id <- sub("\\.[0-9]+$", "", g)
    r[[id]] <- c(r[[id]], as.list(s)) }
  r
}
for (shape in names(shapes)) {
  rows <- if (shape == "weights") rep(seq_len(n), d$w) else seq_len(n)
  data <- d[rows, ]
  for (family in c("binomial", "poisson")) {
    if (shape == "trials" && family != "binomial") next
    left <- if (shape == "trials") "cbind(yes, no)" else if (family == "binomial") "y01" else "count"
    formula <- paste(left, "~", shapes[[shape]])
    m <- glmmTMB(as.formula(formula), data, family = family, control = ctrl)
    stopifnot(m$sdr$pdHess)
    s <- summary(m)$coefficients$cond
    note(paste(family, shape), family, shape, formula, s[, 1], s[, 2], sds(VarCorr(m)$cond), logLik(m))
  }
  if (shape == "trials") next
  formula <- paste("z ~", shapes[[shape]])
  for (reml in c(TRUE, FALSE)) {
    m <- lmer(as.formula(formula), data, REML = reml, control = lmerControl(optimizer = "bobyqa", calc.derivs = FALSE,
      optCtrl = list(rhoend = 1e-10, maxfun = 1e5)))
    s <- summary(m)$coefficients
    note(paste("gaussian", if (reml) "REML" else "ML", shape), "gaussian", shape, formula, s[, 1], s[, 2], sds(VarCorr(m)),
      logLik(m), list(reml = reml, sigma = sigma(m)))
  }
}
versions <- list(R = as.character(getRversion()), lme4 = as.character(packageVersion("lme4")),
  glmmTMB = as.character(packageVersion("glmmTMB")))
write(toJSON(list(versions = versions, cases = out), auto_unbox = TRUE, digits = 12, pretty = TRUE), "references.json")
