#!/usr/bin/env bash
# Ends the exporter as Ctrl-C does: it sends what is left, for five seconds at most.
set -euo pipefail
kill -TERM "$CCMETER_PID" 2>/dev/null || { echo '::warning::ccmeter was not running any more'; cat "$CCMETER_STATE/log" || true; exit 0; }
for _ in $(seq 150); do
  kill -0 "$CCMETER_PID" 2>/dev/null || { echo 'ccmeter has ended'; exit 0; }
  sleep 0.1
done
kill -KILL "$CCMETER_PID"
echo '::warning::ccmeter did not end in time'
