#!/usr/bin/env bash
# Starts the exporter in the background of a job and waits until it listens. Wants Node 24 on the PATH (actions/setup-node).
set -euo pipefail
root="$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)"
node -e 'process.exit(Number(process.versions.node.split(".")[0]) >= 24 ? 0 : 1)' || {
  echo "::error::ccmeter wants Node 24 or newer; this is $(node --version). Put actions/setup-node with node-version 24 before it."
  exit 1
}
[ -d "$root/node_modules/commander" ] || (cd "$root" && npm ci --omit=dev --ignore-scripts --no-audit --no-fund --workspace @ccmeter/exporter)

state="$(mktemp -d "${RUNNER_TEMP:-/tmp}/ccmeter.XXXXXX")"
case "${CCMETER_KEY:-}" in
  '') ;;
  -----BEGIN*) (umask 077 && printf '%s\n' "$CCMETER_KEY" >"$state/key.pem") ;;
  *) export CCMETER_PRIVATE_KEY="$CCMETER_KEY" ;;
esac
unset CCMETER_KEY
claude="${CCMETER_CLAUDE_DIR:-${CLAUDE_CONFIG_DIR:-$HOME/.claude}}"
mkdir -p "$claude/projects"

port="${CCMETER_PORT:-10054}"
nohup node "$root/exporter/src/main.ts" run --claude-dir "$claude" --state-dir "$state" --port "$port" >"$state/log" 2>&1 &
pid=$!
url="http://127.0.0.1:$port"
for _ in $(seq 300); do
  kill -0 "$pid" 2>/dev/null || { echo '::error::ccmeter did not start'; cat "$state/log"; exit 1; }
  curl -fsS -o /dev/null "$url/-/healthy" 2>/dev/null && break
  sleep 0.1
done
{ echo "pid=$pid"; echo "state=$state"; echo "metrics-url=$url/metrics"; } >>"${GITHUB_OUTPUT:-/dev/stdout}"
