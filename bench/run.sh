#!/usr/bin/env bash
# Speed and memory, written into docs/benchmarks.md.
#   bench/run.sh                  models against R's lme4 and glmmTMB, then the server under load: about ten minutes
#   bench/run.sh --peers-large    glmmTMB on 1,000,000 rows too: half an hour, 3 GB
#   bench/run.sh --server         the server alone
set -euo pipefail
cd "$(dirname "$0")/.."
export CGO_ENABLED=0
[ -x bin/waymark ] || make build
programs=$(mktemp -d)
trap 'rm -rf "$programs"' EXIT
go build -o "$programs/" ./bench ./bench/load
if [ "${1:-}" != --server ]; then
  if ! Rscript -e 'stopifnot(requireNamespace("lme4", quietly = TRUE), requireNamespace("glmmTMB", quietly = TRUE))' >/dev/null 2>&1; then
    echo "bench: R with lme4 and glmmTMB is needed: apt-get install -y r-base-core r-cran-lme4 r-cran-glmmtmb" >&2
    exit 1
  fi
  "$programs/bench" run --waymark bin/waymark "$@"
fi
"$programs/load" page --waymark bin/waymark
