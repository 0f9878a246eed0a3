# Reference numbers for package effect, made by R with base functions alone:
#   Rscript reference.R > reference.json
# The data are drawn here and belong to nobody. DeLong's variance is computed by its definition, over all
# pairs of a success and a failure; integrals by integrate() at a relative tolerance of 1e-12.
set.seed(20170918)
n <- 120
x <- round(rnorm(n), 2)
g <- factor(sample(c("a", "b", "c"), n, TRUE))
h <- factor(sample(c("no", "yes"), n, TRUE))
trials <- sample(1:4, n, TRUE)
y <- rbinom(n, trials, plogis(-0.4 + 0.8 * x + c(0, 0.7, -0.5)[g] + 0.6 * (h == "yes")))
fit <- glm(cbind(y, trials - y) ~ x * h + g, binomial, epsilon = 1e-14)
p <- round(fitted(fit), 2) # rounded so that there are ties
yy <- unlist(mapply(function(s, k) rep(c(1, 0), c(s, k - s)), y, trials)); pp <- rep(p, trials)
a <- pp[yy == 1]; b <- pp[yy == 0]
psi <- outer(a, b, function(s, f) (s > f) + 0.5 * (s == f))
auc <- mean(psi)
se <- sqrt(var(rowMeans(psi)) / length(a) + var(colMeans(psi)) / length(b))
cal <- glm(yy ~ qlogis(pp), binomial, epsilon = 1e-14)
large <- glm(yy ~ offset(qlogis(pp)), binomial, epsilon = 1e-14)
br <- unique(quantile(pp, 0:10 / 10)); cut <- cut(pp, br, include.lowest = TRUE)
o <- tapply(yy, cut, sum); e <- tapply(pp, cut, sum); k <- tapply(pp, cut, length)
hl <- sum((o - e)^2 / e + (o - e)^2 / (k - e))
single <- glm(yy ~ 1, binomial, epsilon = 1e-14)
r <- cov2cor(vcov(fit)[-1, -1]) # x, hyes, gb, gc, x:hyes
gvif <- function(i) det(r[i, i, drop = FALSE]) * det(r[-i, -i]) / det(r)
mean_over <- function(link, eta, v) integrate(function(z) link(eta + sqrt(v) * z) * dnorm(z), -Inf, Inf, rel.tol = 1e-12, subdivisions = 2000)$value
cloglog <- function(e) -expm1(-exp(e))
grid <- expand.grid(eta = c(-6, -2.5, 0, 0.3, 4), variance = c(0.04, 0.64, 9))
# Average marginal effects of the fit, typical and integrated over groups of variance 0.64: by model matrices of changed
# data, gradients by differences of the coefficients.
X <- function(...) { d <- modifyList(list(x = x, h = h, g = g), list(...)); d$h <- factor(rep_len(as.character(d$h), n), levels(h)); d$g <- factor(rep_len(as.character(d$g), n), levels(g)); model.matrix(~ x * h + g, d) }
z <- seq(-9, 9, 0.125); wz <- 0.125 * dnorm(z)
over <- function(eta, v) if (v == 0) plogis(eta) else drop(sapply(z, function(k) plogis(eta + sqrt(v) * k)) %*% wz)
slope <- function(eta, v) if (v == 0) dlogis(eta) else drop(sapply(z, function(k) dlogis(eta + sqrt(v) * k)) %*% wz)
level <- function(b, v, name, to) { a <- list(to); names(a) <- name; r <- list(levels(get(name))[1]); names(r) <- name
  sum(trials * (over(drop(do.call(X, a) %*% b), v) - over(drop(do.call(X, r) %*% b), v))) / sum(trials) }
number <- function(b, v) { Xb <- X(); sum(trials * slope(drop(Xb %*% b), v) * (b["x"] + b["x:hyes"] * (h == "yes"))) / sum(trials) }
ame <- function(b, v) c(number(b, v), level(b, v, "h", "yes"), level(b, v, "g", "b"), level(b, v, "g", "c"))
error <- function(v) { b <- coef(fit); J <- sapply(seq_along(b), function(k) { e <- 1e-5; u <- b; u[k] <- u[k] + e; l <- b; l[k] <- l[k] - e; (ame(u, v) - ame(l, v)) / (2 * e) }); sqrt(diag(J %*% vcov(fit) %*% t(J))) }
num <- function(v) paste0("[", paste(sprintf("%.17g", v), collapse = ", "), "]")
cat(sprintf('{\n"r": "%s",\n', R.version.string))
cat('"successes":', num(y), ',\n"trials":', num(trials), ',\n"probability":', num(p), ',\n')
cat('"auc":', num(c(auc, se)), ',\n"brier":', num(mean((yy - pp)^2)), ',\n"tjur":', num(mean(a) - mean(b)), ',\n')
cat('"calibration":', num(c(coef(cal), sqrt(diag(vcov(cal))))), ',\n"large":', num(c(coef(large), sqrt(vcov(large)))), ',\n')
cat('"hl":', num(c(length(o), hl, pchisq(hl, length(o) - 2, lower.tail = FALSE))), ',\n')
cat('"loglik":', num(c(logLik(fit), logLik(glm(cbind(y, trials - y) ~ 1, binomial, epsilon = 1e-14)))), ',\n')
d <- 2 * as.numeric(logLik(fit) - logLik(glm(cbind(y, trials - y) ~ 1, binomial, epsilon = 1e-14))); N <- sum(trials)
cs <- 1 - exp(-d / N); cat('"coxsnell":', num(c(cs, cs / (1 - exp(2 * as.numeric(logLik(single)) / N)))), ',\n')
text <- function(v) paste0("[", paste0('"', v, '"', collapse = ", "), "]")
cat('"x":', num(x), ',\n"h":', text(h), ',\n"g":', text(g), ',\n"coef":', num(coef(fit)), ',\n"names":', text(names(coef(fit))), ',\n')
cat('"ame":', num(ame(coef(fit), 0)), ',\n"ame_se":', num(error(0)), ',\n"ame_over":', num(ame(coef(fit), 0.64)), ',\n"ame_over_se":', num(error(0.64)), ',\n')
cat('"cov":', num(vcov(fit)), ',\n"gvif":', num(c(gvif(1), gvif(2), gvif(3:4), gvif(5))), ',\n')
cat('"grid_eta":', num(grid$eta), ',\n"grid_variance":', num(grid$variance), ',\n')
for (l in c("plogis", "pnorm", "cloglog")) cat(sprintf('"%s": %s%s\n', l, num(mapply(function(e, v) mean_over(get(l), e, v), grid$eta, grid$variance)), if (l == "cloglog") "\n}" else ","))
