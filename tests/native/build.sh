#!/bin/bash
# Builds programs that the tests run from Go modules into our cache: Prometheus 3 with promtool, the OpenTelemetry Collector with the
# components that our configurations use, docker compose, and what reads the manifests of Kubernetes.
#
#   tests/native/build.sh [collector] [prometheus] [compose] [kubernetes]   all of them where none is named; what is there is left as it is
#
# `npm test` uses what it finds there and skips by name what it does not. All of them take about five minutes on two cores. A Go from 1.21 on
# is enough, it brings the one that is needed; so is Debian's 1.19.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
cache=${XDG_CACHE_HOME:-${HOME:?}/.cache}/ccmeter
toolchain=1.26.8

export CGO_ENABLED=0 GOFLAGS=-buildvcs=false GOTOOLCHAIN=auto GOWORK=off

# The directory of a program is named after what it is made of, as in tests/native/find.ts.
directory() { echo "$cache/native-$1-$(cat "$here/$1"/* | sha256sum | cut -c1-12)"; }

# Sets `go`. Debian's is too old to fetch another by itself, but modules it can fetch, and a toolchain is one.
find_go() {
  go=$(command -v go || true)
  [ -n "$go" ] || { echo 'there is no go on the PATH' >&2; return 1; }
  if [[ $("$go" version) =~ go1\.([0-9]+) ]] && [ "${BASH_REMATCH[1]}" -lt 21 ]; then
    local module="golang.org/toolchain@v0.0.1-go$toolchain.linux-$("$go" env GOARCH)"
    local root; root=$("$go" env GOMODCACHE)/$module
    (cd "$work" && echo 'module none' > go.mod && GOFLAGS=-mod=mod "$go" mod download "$module" && rm go.mod)
    # In a module no file may be run.
    chmod -R u+w "$root" && chmod +x "$root"/bin/* "$root"/pkg/tool/*/*
    go=$root/bin/go
    export GOROOT=$root GOTOOLCHAIN=local PATH="$root/bin:$PATH"
  fi
}

build_collector() {
  # By the version of the collector: "  version: 0.155.0".
  local version; version=$(sed -n 's/^  version: //p' "$here/collector/builder.yaml")
  cp "$here/collector/builder.yaml" .
  "$go" run "go.opentelemetry.io/collector/cmd/builder@v$version" --config=builder.yaml
  mv dist/otelcol-ccmeter "$out"
}

build_prometheus() {
  cp "$here"/prometheus/go.* .
  local version; version=$(sed -n 's|.*prometheus/prometheus v0\.\([0-9]\)\([0-9]*\)\.\([0-9]*\)$|\1.\2.\3|p' go.mod)
  # Without service discoveries, which take more than half of the time.
  "$go" build -tags remove_all_sd -ldflags "-s -w -X github.com/prometheus/common/version.Version=$version" -o "$out/" tool
}

build_compose() {
  cp "$here"/compose/go.* .
  local version; version=$(sed -n 's|^require .*/compose/v2 v||p' go.mod)
  "$go" build -ldflags "-s -w -X github.com/docker/compose/v2/internal.Version=$version" -o "$out/docker-compose" github.com/docker/compose/v2/cmd
}

build_kubernetes() {
  cp "$here"/kubernetes/* .
  "$go" build -ldflags '-s -w' -o "$out/read-manifests" .
}

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
find_go
[ $# -gt 0 ] || set -- collector prometheus compose kubernetes
failed=0
for name in "$@"; do
  finished=$(directory "$name")
  [ -d "$finished" ] && { echo "$finished"; continue; }
  out=$work/$name.out
  mkdir -p "$work/$name" "$out" "$cache"
  # In one move, so that a build that was broken off is not taken for one that is done.
  if (cd "$work/$name" && set -e && "build_$name") && mv "$out" "$finished.$$" && mv "$finished.$$" "$finished"; then
    echo "$finished"
  else
    echo "$name could not be built" >&2
    failed=1
  fi
done
exit "$failed"
