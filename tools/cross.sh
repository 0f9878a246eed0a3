#!/usr/bin/env bash
# One static file for each system, with checksums, in bin/.
set -euo pipefail
cd "$(dirname "$0")/.."
export CGO_ENABLED=0
version=$(git describe --always --dirty 2>/dev/null || echo unknown)
for target in linux/amd64 linux/arm64 darwin/amd64 darwin/arm64 windows/amd64 windows/arm64; do
  os=${target%/*} arch=${target#*/} end=
  [ "$os" = windows ] && end=.exe
  GOOS=$os GOARCH=$arch go build -trimpath -ldflags "-s -w -X main.version=$version" -o "bin/waymark-$os-$arch$end" ./cmd/waymark
  echo "bin/waymark-$os-$arch$end"
done
sum="sha256sum"
command -v sha256sum >/dev/null 2>&1 || sum="shasum -a 256" # macOS
(cd bin && $sum waymark-*-* >SHA256SUMS)
