import { execFileSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { guessShell, SHELLS, telemetryEnvironment } from './telemetry-env.ts';

test('a shell that reads it has the variables, whatever a token holds', () => {
  const token = `it's "$HOME" \\ odd`;
  const script = telemetryEnvironment({ shell: 'bash', endpoint: 'http://collector:4317', token });
  const said = execFileSync('sh', ['-c', `${script}printf '%s|%s' "$OTEL_EXPORTER_OTLP_ENDPOINT" "$OTEL_EXPORTER_OTLP_HEADERS"`]);
  expect(said.toString()).toBe(`http://collector:4317|authorization=Bearer ${token}`);
});

test.each([
  ['fish', "set -gx OTEL_EXPORTER_OTLP_HEADERS 'authorization=Bearer a\\'b\\\\c'"],
  ['powershell', "$Env:OTEL_EXPORTER_OTLP_HEADERS = 'authorization=Bearer a''b\\c'"],
  ['zsh', "export OTEL_EXPORTER_OTLP_HEADERS='authorization=Bearer a'\\''b\\c'"],
] as const)('%s has its own quotes', (shell, line) => {
  expect(telemetryEnvironment({ shell, endpoint: 'http://c:4317', token: "a'b\\c" })).toContain(`${line}\n`);
});

test('totals are asked for, and no header without a token', () => {
  for (const shell of SHELLS) {
    const text = telemetryEnvironment({ shell, endpoint: 'http://c:4317', token: undefined });
    expect(text).toContain('cumulative');
    expect(text).not.toContain('HEADERS');
  }
});

test.each([
  ['linux', '/usr/bin/fish', 'fish'],
  ['darwin', '/bin/zsh', 'zsh'],
  ['linux', undefined, 'bash'],
  ['win32', undefined, 'powershell'],
] as const)('on %s with %s it is %s', (platform, path, shell) => {
  expect(guessShell(platform, path)).toBe(shell);
});
