# Coefficient names and model matrices of R for many formulas, for package formula.
# Run in this folder: Rscript matrix.R
# Writes matrix.csv (made here) and matrix.json: for each formula the column names of model.matrix and, for
# each column, sum over rows i of i * x[i], exact in double precision for these small whole numbers (tolerance
# 1e-12, relative). Made with R 4.2.2 in the C locale.
d <- data.frame(
  x = c(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12),
  z = c(2, 1, 4, 3, 6, 5, 8, 7, 10, 9, 12, 11),
  a = c("u", "v", "w", "u", "v", "w", "u", "v", "w", "u", "v", "w"),
  b = c("p", "p", "p", "q", "q", "q", "p", "q", "p", "q", "p", "q"),
  c = c("k", "k", "m", "m", "k", "m", "k", "m", "k", "k", "m", "m"),
  k = c(1, 2, 3, 1, 2, 3, 10, 10, 1, 2, 3, 10),
  y = c(0, 1, 0, 1, 1, 0, 1, 0, 0, 1, 0, 1))
write.csv(d, "matrix.csv", row.names = FALSE)
for (v in c("a", "b", "c")) d[[v]] <- factor(d[[v]])
formulas <- c("y ~ 1", "y ~ x", "y ~ 0 + x", "y ~ x - 1", "y ~ -1 + a", "y ~ a", "y ~ a + b", "y ~ a * b", "y ~ a:b", "y ~ b:a",
  "y ~ a + a:b", "y ~ b + a:b", "y ~ a:b - 1", "y ~ 0 + a * b", "y ~ 0 + x + a", "y ~ 0 + x:a", "y ~ x:a", "y ~ x + x:a", "y ~ a + a:x",
  "y ~ a * x", "y ~ 0 + a + a:x", "y ~ x:z", "y ~ x * z", "y ~ (a + b + c)^2", "y ~ (a + b + c)^3", "y ~ a * b * c", "y ~ a * b * c - a:b:c",
  "y ~ a / b", "y ~ a / x", "y ~ (a + b) / c", "y ~ a / b / c", "y ~ b %in% a", "y ~ a + b %in% a", "y ~ a:b:c", "y ~ a + a:b:c", "y ~ b:c + a:b:c",
  "y ~ a + b:c", "y ~ x:a:b", "y ~ a * b + x:a", "y ~ a:b + x:a:b", "y ~ I(x^2)", "y ~ I(x^2) + I(x * z) + I(x - z) + I(x / z) + I(-x)",
  "y ~ log(x + 1) + exp(-x) + sqrt(x)", "y ~ log(x):a", "y ~ factor(k)", "y ~ factor(k) * x", "y ~ 0 + factor(k)", "y ~ a + offset(x)",
  "y ~ offset(log(x)) + a:z", "y ~ x + a - x", "y ~ a * b - a", "y ~ a * b - b - 1", "y ~ a + 0 + 1", "y ~ (x + z)^2", "y ~ (a + x)^2 + (x + z)^2",
  "y ~ c:a + b", "y ~ b:x + a:x + x", "y ~ a + x + b:a + z", "y ~ 1 + a:x", "y ~ 0 + a:x + b", "y ~ . - k", "y ~ (. - k)^2", "y ~ (x^2)", "y ~ (a)", "y ~ I(2 * x)", "y ~ I((x + z)^2 / 2)")
num <- function(x) formatC(x, digits = 17, format = "g", width = 1)
rows <- vapply(formulas, function(f) {
  m <- model.matrix(as.formula(f), d)
  s <- colSums(m * seq_len(nrow(m)))
  paste0('{"formula": "', f, '", "names": [', paste0('"', colnames(m), '"', collapse = ", "), '], "sums": [', paste(num(s), collapse = ", "), "]}")
}, "")
writeLines(paste0('{"made_by": "matrix.R", "r": "', R.version.string, '", "tolerance": 1e-12, "cases": [\n', paste(rows, collapse = ",\n"), "\n]}"), "matrix.json")
