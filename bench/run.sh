#!/usr/bin/env bash
# Speed and memory against R's lme4 and glmmTMB, written into docs/benchmarks.md.
#   bench/run.sh                  about five minutes
#   bench/run.sh --peers-large    glmmTMB on 1,000,000 rows too: half an hour, 3 GB
set -euo pipefail
cd "$(dirname "$0")/.."
export CGO_ENABLED=0
if ! Rscript -e 'stopifnot(requireNamespace("lme4", quietly = TRUE), requireNamespace("glmmTMB", quietly = TRUE))' >/dev/null 2>&1; then
  echo "bench: R with lme4 and glmmTMB is needed: apt-get install -y r-base-core r-cran-lme4 r-cran-glmmtmb" >&2
  exit 1
fi
[ -x bin/waymark ] || make build
program=$(mktemp)
trap 'rm -f "$program"' EXIT
go build -o "$program" ./bench
"$program" run --waymark bin/waymark "$@"
