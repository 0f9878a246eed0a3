# Robust covariances, Firth fits and likelihood ratio tests on small.csv, from their formulas in base R.
# Run in this folder after reference.R: Rscript robust.R
# Writes robust.json. Firth's score is solved to 1e-13; tolerance of the test 1e-7, profile bounds found by
# uniroot to 1e-9 and compared to 1e-6. Made with R 4.2.2.
d <- read.csv("small.csv", stringsAsFactors = TRUE)
num <- function(x) formatC(x, digits = 17, format = "g", width = 1)
arr <- function(x) paste0("[", paste(num(x), collapse = ", "), "]")
ctl <- glm.control(epsilon = 1e-8)
power <- function(m, k) { e <- eigen(m, symmetric = TRUE); v <- pmax(e$values, 0); v[v > 1e-12 * max(v)] <- v[v > 1e-12 * max(v)]^k; e$vectors %*% (v * t(e$vectors)) }
robust <- function(name, formula, family, link, fam, cluster) {
  m <- glm(as.formula(formula), fam, d, control = ctl)
  for (i in 1:12) m <- glm(as.formula(formula), fam, d, control = ctl, start = coef(m))
  X <- model.matrix(m); eta <- m$linear.predictors; mu <- fam$linkinv(eta); n <- nrow(X); p <- ncol(X)
  s <- fam$mu.eta(eta); f <- fam$variance(mu) / m$prior.weights; w <- s^2 / f
  V <- solve(t(X) %*% (w * X)); r <- (m$y - mu) * s / f; h <- w * rowSums((X %*% V) * X)
  se <- function(meat) sqrt(diag(V %*% meat %*% V))
  g <- d[[cluster]]; G <- nlevels(g); u <- rowsum(X * r, g); cr0 <- se(t(u) %*% u)
  Xs <- X * s; I <- diag(n); meat <- 0; P <- vector("list", p); A <- list()
  for (k in levels(g)) {
    i <- which(g == k); F <- diag(f[i], length(i)); R <- diag(sqrt(f[i]), length(i))
    A[[k]] <- R %*% power(R %*% (F - Xs[i, , drop = FALSE] %*% V %*% t(Xs[i, , drop = FALSE])) %*% R, -1/2) %*% R
    v <- t(Xs[i, , drop = FALSE] / f[i]) %*% A[[k]] %*% (m$y - mu)[i]
    meat <- meat + v %*% t(v)
  }
  M <- diag(f) - Xs %*% V %*% t(Xs)
  df <- sapply(1:p, function(c) {
    B <- sapply(levels(g), function(k) { i <- which(g == k); b <- rep(0, n); b[i] <- A[[k]] %*% (Xs[i, , drop = FALSE] / f[i]) %*% V[, c]; b })
    Q <- t(B) %*% M %*% B
    sum(diag(Q))^2 / sum(Q^2)
  })
  paste0('{"name": "', name, '", "formula": "', formula, '", "family": "', family, '", "link": "', link, '", "cluster": "', cluster,
    '",\n  "HC0": ', arr(se(t(X) %*% (r^2 * X))), ',\n  "HC1": ', arr(se(t(X) %*% (r^2 * X)) * sqrt(n / (n - p))),
    ',\n  "HC3": ', arr(se(t(X) %*% ((r / (1 - h))^2 * X))), ',\n  "CR0": ', arr(cr0), ',\n  "CRG": ', arr(cr0 * sqrt(G / (G - 1))),
    ',\n  "CR1": ', arr(cr0 * sqrt(G / (G - 1) * (n - 1) / (n - p))), ',\n  "CR2": ', arr(se(meat)), ',\n  "df": ', arr(df), "}")
}
x <- "age + route * sex"
cases <- c(
  robust("logit", paste("hurt ~", x), "binomial", "logit", binomial(), "region"),
  robust("grouped logit", paste("cbind(some, rest) ~", x), "binomial", "logit", binomial(), "region"),
  robust("probit", "hurt ~ age + route", "binomial", "probit", binomial("probit"), "region"),
  robust("poisson", paste("events ~", x), "poisson", "log", poisson(), "region"),
  robust("gaussian", paste("paid ~", x), "gaussian", "identity", gaussian(), "region"))

# Firth: maximise l + log det(X'WX)/2, with optim's result polished by the score of Jeffreys' prior.
firth <- function(formula, link, fam, data = d, held = NULL, value = 0) {
  m <- suppressWarnings(glm(as.formula(formula), fam, data, control = glm.control(maxit = 3)))
  X <- model.matrix(m); y <- m$y; n <- m$prior.weights
  free <- setdiff(seq_len(ncol(X)), held)
  crit <- function(b) { e <- drop(X %*% b); mu <- fam$linkinv(e); w <- n * fam$mu.eta(e)^2 / fam$variance(mu)
    ll <- if (fam$family == "poisson") sum(dpois(y, mu, log = TRUE)) else sum(dbinom(round(n * y), n, mu, log = TRUE))
    ll + as.numeric(determinant(t(X) %*% (w * X))$modulus) / 2 }
  score <- function(b) sapply(free, function(j) { # Richardson's rule on central differences
    dd <- function(h) { up <- b; up[j] <- up[j] + h; dn <- b; dn[j] <- dn[j] - h; (crit(up) - crit(dn)) / (2 * h) }
    h <- 2e-3 / max(1, max(abs(X[, j]))); (64 * dd(h / 4) - 20 * dd(h / 2) + dd(h)) / 45 })
  b <- rep(0, ncol(X)); if (!is.null(held)) b[held] <- value
  if (fam$family == "poisson") b[setdiff(1, held)] <- log(mean(y))
  for (i in 1:400) {
    e <- drop(X %*% b); mu <- fam$linkinv(e); w <- n * fam$mu.eta(e)^2 / fam$variance(mu)
    st <- solve((t(X) %*% (w * X))[free, free], score(b)); st <- st * min(1, 2 / max(abs(st)))
    while (crit(replace(b, free, b[free] + st)) < crit(b) - 1e-9) st <- st / 2
    b[free] <- b[free] + st
    if (max(abs(st)) < 1e-11) break
  }
  e <- drop(X %*% b); w <- n * fam$mu.eta(e)^2 / fam$variance(fam$linkinv(e))
  list(coef = b, se = sqrt(diag(solve(t(X) %*% (w * X)))), value = crit(b), eta = e, y = y, n = n, p = ncol(X))
}
apart <- transform(d, hurt = ifelse(route == "western", 1, hurt)) # separated by route
pen <- function(name, formula, family, link, fam, data, profile = FALSE) {
  f <- firth(formula, link, fam, data)
  out <- paste0('{"name": "', name, '", "formula": "', formula, '", "family": "', family, '", "link": "', link,
    '",\n  "coef": ', arr(f$coef), ',\n  "se": ', arr(f$se), ', "value": ', num(f$value))
  if (profile) {
    q <- qchisq(0.95, 1) / 2
    side <- function(j, sign) { at <- function(v) f$value - firth(formula, link, fam, data, j, v)$value - q
      far <- f$coef[j] + sign * 2 * f$se[j]; while (at(far) < 0) far <- far + sign * f$se[j]
      uniroot(at, sort(c(f$coef[j] + sign * 0.1 * f$se[j], far)), tol = 1e-9)$root }
    out <- paste0(out, ',\n  "low": ', arr(sapply(seq_len(f$p), side, -1)), ',\n  "high": ', arr(sapply(seq_len(f$p), side, 1)))
    flic <- uniroot(function(a) sum(f$n * (f$y - fam$linkinv(f$eta + a))), c(-2, 2), tol = 1e-13)$root
    out <- paste0(out, ',\n  "flic": ', num(f$coef[1] + flic))
  }
  paste0(out, "}")
}
firths <- c(
  pen("separated logit", "hurt ~ route + sex", "binomial", "logit", binomial(), apart, TRUE),
  pen("grouped logit", "cbind(some, rest) ~ route + sex", "binomial", "logit", binomial(), d),
  pen("separated probit", "hurt ~ route + sex", "binomial", "probit", binomial("probit"), apart),
  pen("separated cloglog", "hurt ~ route + sex", "binomial", "cloglog", binomial("cloglog"), apart),
  pen("poisson", "events ~ route + sex", "poisson", "log", poisson(), d))
ctl <- glm.control(epsilon = 1e-14)
a <- glm(hurt ~ age + route * sex, binomial, d, control = ctl); b <- glm(hurt ~ age, binomial, d, control = ctl)
a <- update(a, start = coef(a)) # standard errors from the last weights
 t <- anova(b, a, test = "LRT")
new <- data.frame(age = c(20, 35.5, 60), route = c("western", "central", "western"), sex = c("male", "male", "female"))
pl <- predict(a, new, se.fit = TRUE); pr <- predict(a, new, type = "response", se.fit = TRUE)
predicted <- paste0('{"formula": "hurt ~ age + route * sex", "age": ', arr(new$age), ', "route": ["western", "central", "western"], "sex": ["male", "male", "female"],\n  "eta": ',
  arr(pl$fit), ', "eta_se": ', arr(pl$se.fit), ',\n  "mean": ', arr(pr$fit), ', "mean_se": ', arr(pr$se.fit), "}")
writeLines(paste0('{"made_by": "robust.R", "r": "', R.version.string, '", "tolerance": 1e-7, "robust": [\n', paste(cases, collapse = ",\n"),
  '\n], "firth": [\n', paste(firths, collapse = ",\n"), '\n], "ratio": {"larger": "hurt ~ age + route * sex", "smaller": "hurt ~ age", "chisq": ',
  num(t$Deviance[2]), ', "df": ', t$Df[2], ', "p": ', num(t$`Pr(>Chi)`[2]), '}, "predicted": ', predicted, "}"), "robust.json")
