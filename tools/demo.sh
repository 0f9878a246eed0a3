#!/usr/bin/env bash
# The first look: a simulated survey (it contains nobody), the plan that ships, the report in demo/.
set -euo pipefail
cd "$(dirname "$0")/.."
mkdir -p demo
bin/waymark simulate flow-survey --rows 16524 --seed 2017 --out demo/survey.csv
bin/waymark study run plans/mediterranean-2017.yaml --data interviews=demo/survey.csv --data conflict=demo/survey.conflict.csv --out demo/report
