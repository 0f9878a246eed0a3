# Reference fits for package glm: every family and link, both kinds of weights, offsets, aliasing.
# Run in this folder: Rscript reference.R
# Writes small.csv (drawn here, of nobody) and reference.json. Fits are started again from
# where they ended until they agree with another program to about 1e-9; the test asks for 1e-7. Profile intervals are compared to 1e-3, since
# R interpolates them. Made with R 4.2.2, MASS 7.3-58.2.
set.seed(2017)
n <- 140
d <- data.frame(
  age = round(runif(n, 14, 60)),
  cost = round(rlnorm(n, 6, 1)),
  route = sample(c("central", "eastern", "western"), n, TRUE, c(.5, .3, .2)),
  sex = sample(c("female", "male"), n, TRUE, c(.3, .7)),
  days = round(rexp(n, 1 / 90)) + 1,
  size = sample(1:12, n, TRUE),
  times = sample(1:4, n, TRUE),
  region = sample(c("a", "b", "c", "d"), n, TRUE))
eta <- -1 + 0.9 * (d$route == "central") + 0.4 * (d$sex == "male") - 0.01 * (d$age - 30)
d$hurt <- rbinom(n, 1, plogis(eta))
d$some <- rbinom(n, d$size, plogis(eta))
d$rest <- d$size - d$some
d$share <- d$some / d$size
d$events <- rpois(n, exp(eta / 2) * d$days / 60)
d$paid <- round(200 + 3 * d$age + 80 * (d$route == "central") + rnorm(n, 0, 60), 1)
d$years <- d$age * 2 # aliased with age
write.csv(d, "small.csv", row.names = FALSE)
d <- read.csv("small.csv", stringsAsFactors = TRUE)

num <- function(x) ifelse(is.na(x), "null", formatC(x, digits = 17, format = "g", width = 1))
arr <- function(x) paste0("[", paste(num(x), collapse = ", "), "]")
str <- function(x) paste0("[", paste0('"', x, '"', collapse = ", "), "]")
ctl <- glm.control(epsilon = 1e-8) # R looks for aliased columns with a tolerance of epsilon / 1000
cases <- character()
add <- function(name, formula, family, link, weights = "", kind = "", offset = "", profile = FALSE) {
  data <- d
  w <- rep(1, n)
  if (kind == "frequency") data <- d[rep(seq_len(n), d[[weights]]), ]
  data$.w <- if (kind == "trials") data[[weights]] else rep(1, nrow(data))
  data$.o <- if (offset == "") rep(0, nrow(data)) else data[[offset]]
  fam <- switch(family, binomial = binomial(link), poisson = poisson(link), gaussian = gaussian(link))
  f <- as.formula(formula)
  environment(f) <- environment()
  fit <- function(start) glm(f, fam, data, weights = .w, offset = .o, control = ctl, start = start)
  note <- function(w) message(name, ": ", conditionMessage(w))
  m <- withCallingHandlers(fit(NULL), warning = note)
  # R takes standard errors from the weights of the step before the last, and stops on the deviance, which
  # leaves 1e-7 of a standard error for links where scoring converges linearly: start again from the end.
  for (i in 1:12) m <- withCallingHandlers(fit(ifelse(is.na(coef(m)), 0, coef(m))), warning = note)
  s <- coef(summary(m))
  cf <- coef(m)
  se <- cf; se[] <- NA; se[rownames(s)] <- s[, 2]
  p <- cf; p[] <- NA; p[rownames(s)] <- s[, 4]
  out <- paste0('{"name": "', name, '", "formula": "', formula, '", "family": "', family, '", "link": "', link,
    '", "weights": "', weights, '", "kind": "', kind, '", "offset": "', offset, '",\n  "names": ', str(names(cf)),
    ',\n  "coef": ', arr(cf), ',\n  "se": ', arr(se), ',\n  "p": ', arr(p),
    ',\n  "loglik": ', num(as.numeric(logLik(m))), ', "deviance": ', num(deviance(m)), ', "null": ', num(m$null.deviance),
    ', "aic": ', num(AIC(m)), ', "bic": ', num(BIC(m)), ',\n  "fitted": ', arr(head(fitted(m), 3)))
  if (profile) {
    ci <- matrix(suppressMessages(confint(m)), ncol = 2)
    out <- paste0(out, ',\n  "low": ', arr(ci[, 1]), ',\n  "high": ', arr(ci[, 2]))
  }
  cases <<- c(cases, paste0(out, "}"))
}
x <- "age + route * sex"
for (link in c("logit", "probit", "cloglog")) {
  add(paste("binary", link), paste("hurt ~", x), "binomial", link, profile = TRUE)
  add(paste("grouped", link), paste("cbind(some, rest) ~", x), "binomial", link)
  add(paste("shares", link), paste("share ~", x), "binomial", link, "size", "trials")
  add(paste("frequency", link), paste("hurt ~", x), "binomial", link, "times", "frequency")
  add(paste("grouped frequency", link), paste("cbind(some, size - some) ~", x), "binomial", link, "times", "frequency")
  add(paste("offset", link), paste("hurt ~ offset(age / 50) +", x), "binomial", link)
  add(paste("shares offset", link), "share ~ route + offset(age / 50)", "binomial", link, "size", "trials")
  add(paste("frequency offset", link), "hurt ~ route + offset(age / 50)", "binomial", link, "times", "frequency")
  add(paste("offset column", link), "hurt ~ route", "binomial", link, offset = "times")
}
add("poisson", paste("events ~", x), "poisson", "log", profile = TRUE)
add("poisson offset", paste("events ~ offset(log(days)) +", x), "poisson", "log")
add("poisson frequency", paste("events ~", x), "poisson", "log", "times", "frequency")
add("poisson frequency offset", "events ~ route + offset(log(days))", "poisson", "log", "times", "frequency")
add("gaussian", paste("paid ~", x, "+ I(age^2) + log(cost)"), "gaussian", "identity")
add("gaussian offset", paste("paid ~", x, "+ offset(2 * age)"), "gaussian", "identity")
add("gaussian frequency", paste("paid ~", x), "gaussian", "identity", "times", "frequency")
add("gaussian frequency offset", "paid ~ route + sex", "gaussian", "identity", "times", "frequency", "age")
add("aliased", "hurt ~ age + sex + years + route:sex", "binomial", "logit")
add("no intercept", "hurt ~ 0 + route + age", "binomial", "logit")
add("slopes only", "paid ~ 0 + age + cost", "gaussian", "identity")
add("intercept alone", "hurt ~ 1", "binomial", "logit", profile = TRUE)
add("powers", "hurt ~ (route + sex + age)^2 - age:sex", "binomial", "logit")
add("large numbers", "paid ~ I(age + 100000) + I((age + 100000)^2)", "gaussian", "identity")
writeLines(paste0('{"made_by": "reference.R", "r": "', R.version.string, '", "tolerance": 1e-7, "cases": [\n',
  paste(cases, collapse = ",\n"), "\n]}"), "reference.json")
