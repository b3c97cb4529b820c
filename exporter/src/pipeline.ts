import type { Health } from './health.ts';
import type { Line, UnreadableReason } from './parse/line.ts';
import { parseLine } from './parse/parse.ts';
import { type PlainResult, readPlainResult } from './parse/plain-result.ts';
import { createSelector } from './parse/select.ts';
import { forEachLine } from './read/lines.ts';
import type { Consume } from './read/reader.ts';
import type { Facts, Origin } from './track/fact.ts';
import { trackers } from './track/index.ts';
import { toolKey } from './track/tools.ts';

/**
 * Bytes become lines, lines become facts: gives back the function that takes the bytes of one file.
 * `origin.fallbackMs` moves with the lines, so that a line without a time has that of the line before.
 */
export function createConsumer(facts: Facts, origin: Origin, health: Health): Consume {
  return (buffer, length, fileOffset) => {
    const choose = createSelector(buffer, length);
    let lines = 0;
    const used = forEachLine(buffer, length, (start, end) => {
      lines += 1;
      const choice = choose(start, end);
      if (choice === 'torn') countUnreadable(health, 'not_json');
      if (choice !== 'parse' && choice !== 'result') return;
      origin.offset = fileOffset + start;
      const plain = choice === 'result' ? readPlainResult(buffer, start, end) : undefined;
      if (plain !== undefined && isPlain(facts, plain.toolUseId)) trackPlainResult(facts, origin, plain);
      else trackText(facts, origin, health, buffer.toString('utf8', start, end));
    });
    health.add('ccmeter_exporter_lines_total', {}, lines);
    health.add('ccmeter_exporter_read_bytes_total', {}, used);
    return used;
  };
}

function trackText(facts: Facts, origin: Origin, health: Health, text: string): void {
  const line = parseLine(text);
  if (line === undefined) return;
  if (line.type === 'unreadable') countUnreadable(health, line.reason);
  else trackLine(facts, origin, line);
}

function trackLine(facts: Facts, origin: Origin, line: Line): void {
  for (const track of trackers) track(facts, line, origin);
  if (line.timeMs !== undefined) origin.fallbackMs = line.timeMs;
}

/** The call is known and nothing it did is counted from its result: that it succeeded, and when, is all there is to know. */
function isPlain(facts: Facts, toolUseId: string): boolean {
  const fact = facts.get(toolKey(toolUseId));
  const use = fact?.type === 'tool' ? fact.use : undefined;
  return use !== undefined && use.lines === undefined && !use.commits && !use.opensPullRequest;
}

function trackPlainResult(facts: Facts, origin: Origin, { toolUseId, timeMs }: PlainResult): void {
  trackLine(facts, origin, { type: 'tool_result', sidechain: false, timeMs, results: [{ id: toolUseId, outcome: 'ok' }] });
}

/** Counts a line that could not be used. */
export function countUnreadable(health: Health, reason: UnreadableReason): void {
  health.add('ccmeter_exporter_unreadable_lines_total', { reason });
}
