# One fit by one peer, in a process of its own:  Rscript fit.R ENGINE FILE
# Prints one line of JSON: user CPU seconds of the fit alone with its standard errors, log-likelihood,
# the estimate and standard error of routeCentral, versions.
args <- commandArgs(TRUE); engine <- args[1]
user <- function() proc.time()[["user.self"]]
t0 <- user()
d <- read.csv(args[2], stringsAsFactors = TRUE)
d$route <- relevel(d$route, "Eastern")
read_s <- user() - t0
f <- exploited ~ route + sex + age_group + education + marital + travel + duration + cost + conflict + reason + (1 | nationality) + (1 | location)
if (engine == "glmmTMB") {
  suppressMessages(library(glmmTMB)); t0 <- user()
  m <- glmmTMB(f, d, family = binomial, control = glmmTMBControl(parallel = 1))
  fit_s <- user() - t0; b <- fixef(m)$cond; se <- sqrt(diag(vcov(m)$cond))
} else if (engine == "glmer") {
  suppressMessages(library(lme4)); t0 <- user()
  m <- glmer(f, d, family = binomial, nAGQ = 1, control = glmerControl(optimizer = "nloptwrap", calc.derivs = FALSE))
  b <- fixef(m); se <- sqrt(diag(as.matrix(vcov(m)))); fit_s <- user() - t0
} else {
  t0 <- user(); m <- glm(exploited ~ route + sex + age_group + education + marital + travel + duration + cost + conflict + reason, binomial, d)
  b <- coef(m); se <- sqrt(diag(vcov(m))); fit_s <- user() - t0
}
version <- if (engine == "glm") R.version.string else paste(engine, packageVersion(if (engine == "glmer") "lme4" else engine))
if (engine == "glmer") version <- paste("lme4", packageVersion("lme4"))
cat(sprintf('{"engine": "%s", "version": "%s", "r": "%s", "n_rows": %d, "read_cpu": %.3f, "fit_cpu": %.3f, "log_likelihood": %.6f, "route": %.6f, "route_se": %.6f}\n',
  engine, version, R.version.string, nrow(d), read_s, fit_s, as.numeric(logLik(m)), b[["routeCentral"]], se[["routeCentral"]]))
