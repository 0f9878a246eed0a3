package main

// The parts of docs/benchmarks.md that do not change between runs.
const pageHead = `# Benchmarks

This page is written by ` + "`make bench`" + `. It compares Waymark with the two R packages that fit the same model, in one run, on
the same files, on this machine. Ratios are what carries over to other machines; seconds do not.

The model: any exploitation by ten categorical covariates (25 coefficients) and crossed random intercepts of 40
nationalities and 30 survey locations,

    ` + formula + `

fitted by the Laplace approximation with standard errors. The files are drawn by ` + "`go run ./bench generate`" + ` with a fixed seed:
14 columns, of which the model reads 13; the people do not exist.

`

const pageTail = `
## How to read this

- glmer is run at the fastest setting that reaches the same log-likelihood: nAGQ=1, optimizer nloptwrap, calc.derivs=FALSE. Its
  defaults take several times longer; nAGQ=0 is faster but maximises another criterion.
- "Fit alone" leaves out reading the file and starting the program: for R the user time of the call and of taking the standard errors
  out, for Waymark that of building the design, the fit and the Hessian. Fits shorter than a second are repeated in one process and
  averaged.
- "Process" is what a person waits for: start, reading, fit, printing.
- Waymark's log-likelihood is the full one, with constants; so are the peers' here (binary outcome).
- The peak of a process on Linux is that of its resident set; pages of the program file count.
`
