import { noteCommand } from './commands.ts';
import { lastPart } from './sessions.ts';
import { sessionOf, type Tracker, timeOf } from './tracker.ts';

/** Counts slash commands as transcripts tell of them; history.jsonl tells of the same ones, and `commands.ts` knows which are the same. */
export const trackSlashCommands: Tracker = (facts, line, origin) => {
  if ((line.type !== 'other' && line.type !== 'command') || line.command === undefined || origin.subagent) return;
  noteCommand(facts, {
    skill: line.command,
    timeMs: timeOf(line, origin),
    sessionId: sessionOf(line, origin),
    project: lastPart(line.cwd ?? ''),
    line: line.uuid ?? `${origin.fileId}@${origin.offset}`,
  });
};
