# Two commands are enough on a fresh machine: `make demo` and `make test`.
SHELL := /bin/bash
export CGO_ENABLED := 0

VERSION := $(shell git describe --always --dirty 2>/dev/null || echo unknown)
LDFLAGS := -s -w -X main.version=$(VERSION)

.PHONY: all build web demo test bench cross fuzz clean

all: build

# The program, one static file. Without npm the web form is left out, and the program says so.
build: web
	go build -trimpath -ldflags '$(LDFLAGS)' -o bin/waymark ./cmd/waymark

# The web form: npm packages by lockfile, bundled into serve/respond/dist, which the program embeds.
web:
	./tools/web.sh

# A simulated survey, the shipped plan, the report in demo/.
demo: build
	./tools/demo.sh

# Every check. tools/check.sh says what it skips and the command that would add it.
test:
	./tools/check.sh

# Speed and memory, written with machine and versions into docs/benchmarks.md.
bench: build
	./bench/run.sh

# The six systems people carry into the field.
cross: web
	./tools/cross.sh

# Longer fuzzing of every reader: make fuzz SECONDS=60
fuzz:
	./tools/fuzz.sh $(or $(SECONDS),30)

clean:
	rm -rf bin demo working
