import type { Health } from '../health.ts';
import { forEachLine } from '../read/lines.ts';
import type { Consume } from '../read/reader.ts';
import { noteCommand } from '../track/commands.ts';
import type { Facts } from '../track/fact.ts';
import { readHistoryLine } from './prompt-history.ts';

export const HISTORY_FILE = 'history.jsonl';

/** Most lines are prompts, which nothing counts: only those with this, or without spaces after colons, are parsed. */
const COMMAND_MARK = Buffer.from('"display":"/');
const DISPLAY_MARK = Buffer.from('"display":"');

/**
 * Bytes of history.jsonl become facts. It is appended to as transcripts are and read in the same way: each line once, half a line waits.
 * Gives back the function that takes its bytes.
 */
export function createHistoryConsumer(facts: Facts, health: Health): Consume {
  return (buffer, length) => {
    const used = forEachLine(buffer, length, (start, end) => {
      const line = buffer.subarray(start, end);
      if (line.includes(DISPLAY_MARK) && !line.includes(COMMAND_MARK) && line.at(-1) === CLOSE) return;
      if (line.length > 0) noteLine(facts, health, line.toString('utf8'));
    });
    return used;
  };
}

const CLOSE = 0x7d;

function noteLine(facts: Facts, health: Health, text: string): void {
  const read = readHistoryLine(text);
  if (read === undefined) return;
  const reason = 'unusable' in read ? read.unusable : noteCommand(facts, read) ? undefined : 'too_many';
  if (reason !== undefined) health.add('ccmeter_exporter_unusable_sources_total', { source: 'history', reason });
}
