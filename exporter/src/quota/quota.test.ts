import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, test } from 'vitest';
import { Health } from '../health.ts';
import { temporaryDirectory } from '../testing.ts';
import { takeStatus } from './command.ts';
import { loadQuota, showQuota } from './file.ts';
import { mergeQuota, readQuota } from './quota.ts';

const NOW = Date.parse('2026-03-01T12:00:00.000Z');
const HOUR_MS = 3_600_000;

let directory: string;
beforeEach(() => {
  const temporary = temporaryDirectory();
  directory = temporary.path;
  return () => temporary[Symbol.dispose]();
});

/** What Claude Code tells a status line, as far as we look at it. */
function status(fiveHour: unknown, sevenDay?: unknown): string {
  const rest = { session_id: 's', model: { id: 'claude-opus-5', display_name: 'Opus 5' }, cost: { total_cost_usd: 0.516 } };
  return JSON.stringify({ ...rest, rate_limits: { five_hour: fiveHour, seven_day: sevenDay } });
}

const percent = (used_percentage: number, inHours: number) => ({ used_percentage, resets_at: (NOW + inHours * HOUR_MS) / 1000 });

describe('what is read', () => {
  test('both windows, as shares and milliseconds', () => {
    expect(readQuota(JSON.parse(status(percent(23.5, 2), percent(41, 100))))).toEqual({
      five_hour: { usedRatio: 0.235, resetMs: NOW + 2 * HOUR_MS },
      seven_day: { usedRatio: 0.41, resetMs: NOW + 100 * HOUR_MS },
    });
  });

  test.each([
    ['nothing', undefined],
    ['no object', 7],
    ['no limits, as without a subscription', {}],
    ['null', { rate_limits: null }],
    ['a window without a number', { rate_limits: { five_hour: { used_percentage: null, resets_at: 1 } } }],
    ['a window without an end', { rate_limits: { five_hour: { used_percentage: 1 } } }],
    [
      'numbers that cannot be',
      { rate_limits: { five_hour: { used_percentage: -1, resets_at: 1 }, seven_day: { used_percentage: 1, resets_at: 1e15 } } },
    ],
    ['a window of another name', { rate_limits: { lunar_month: { used_percentage: 1, resets_at: 1 } } }],
  ])('%s gives nothing', (_, value) => {
    expect(readQuota(value)).toEqual({});
  });
});

test('an idle session that tells old news changes nothing', () => {
  const now = { five_hour: { usedRatio: 0.5, resetMs: NOW } };
  expect(mergeQuota(now, { five_hour: { usedRatio: 0.4, resetMs: NOW } })).toEqual(now);
  expect(mergeQuota(now, { five_hour: { usedRatio: 0.9, resetMs: NOW - 1 } })).toEqual(now);
  const later = { five_hour: { usedRatio: 0.01, resetMs: NOW + 1 } };
  expect(mergeQuota(now, later)).toEqual(later);
});

describe('the status line', () => {
  test('shows a line, and the exporter shows the gauges until the window is over', () => {
    const line = takeStatus(status(percent(23.5, 2)), directory, undefined, NOW);
    expect(line).toMatch(/^Opus 5 \| \$0\.52 \| 5 h 24% until .*\d\d:00\n$/);
    const health = new Health(NOW);
    showQuota(health, directory, NOW);
    expect(health.value('ccmeter_quota_used_ratio', { window: 'five_hour' })).toBe(0.235);
    expect(health.value('ccmeter_quota_reset_timestamp_seconds', { window: 'five_hour' })).toBe((NOW + 2 * HOUR_MS) / 1000);
    showQuota(health, directory, NOW + 3 * HOUR_MS);
    expect(health.count('ccmeter_quota_used_ratio')).toBe(0);
    expect(statSync(join(directory, 'quota.json')).mode & 0o777).toBe(0o600);
  });

  test('of another stays as it is, and gets what we get', () => {
    const input = status(percent(50, 1));
    expect(takeStatus(input, directory, 'cat', NOW)).toBe(input);
    expect(loadQuota(directory).five_hour?.usedRatio).toBe(0.5);
  });

  test('is there whatever comes in, and where nothing can be written', () => {
    expect(takeStatus('not JSON', directory, undefined, NOW)).toBe('\n');
    writeFileSync(join(directory, 'file'), '');
    expect(takeStatus(status(percent(1, 1)), join(directory, 'file', 'state'), undefined, NOW)).toMatch(/^Opus 5/);
  });

  test('that is kept broken is none', () => {
    writeFileSync(join(directory, 'quota.json'), '{"rate_limits":');
    expect(loadQuota(directory)).toEqual({});
  });
});

describe('installed in the settings of Claude Code', () => {
  const claudeDir = () => join(directory, 'claude');
  const settings = () => join(claudeDir(), 'settings.json');
  const command = (...args: string[]) =>
    execFileSync(
      process.execPath,
      [join(import.meta.dirname, '..', 'main.ts'), 'statusline', '--state-dir', join(directory, 'state'), ...args],
      {
        env: { ...process.env, CLAUDE_CONFIG_DIR: claudeDir() },
        encoding: 'utf8',
        stdio: ['pipe', 'pipe', 'pipe'],
        input: status(percent(12, 4)),
      },
    );

  test('it runs from there; a second time changes nothing, and taken out nothing is left', () => {
    command('--install', '--show');
    expect(existsSync(settings())).toBe(false);
    command('--install');
    const installed = readFileSync(settings(), 'utf8');
    command('--install');
    expect(readFileSync(settings(), 'utf8')).toBe(installed);
    const { statusLine } = JSON.parse(installed);
    expect(statusLine.type).toBe('command');
    const shown = execFileSync('sh', ['-c', statusLine.command], { input: status(percent(12, 4)), encoding: 'utf8' });
    expect(shown).toContain('Opus 5');
    expect(loadQuota(join(directory, 'state')).five_hour?.usedRatio).toBe(0.12);
    command('--uninstall');
    expect(JSON.parse(readFileSync(settings(), 'utf8'))).toEqual({});
  });

  test("somebody's own line goes on in it and is there again afterwards", () => {
    mkdirSync(claudeDir());
    const before = { model: 'opus', statusLine: { type: 'command', command: "printf '%s' \"it's mine\"", padding: 0 } };
    writeFileSync(settings(), JSON.stringify(before));
    command('--install');
    command('--install');
    const { statusLine } = JSON.parse(readFileSync(settings(), 'utf8'));
    expect(statusLine.padding).toBe(0);
    expect(execFileSync('sh', ['-c', statusLine.command], { input: status(percent(12, 4)), encoding: 'utf8' })).toBe("it's mine");
    command('--uninstall');
    expect(JSON.parse(readFileSync(settings(), 'utf8'))).toEqual(before);
  });
});
