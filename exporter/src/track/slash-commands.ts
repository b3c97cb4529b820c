import { noteCommand } from './commands.ts';
import { projectOf } from './sessions.ts';
import { nameOf, sessionOf, type Tracker, timeOf } from './tracker.ts';

/** Counts slash commands as transcripts tell of them; history.jsonl tells of the same ones, and `commands.ts` knows which are the same. */
export const trackSlashCommands: Tracker = (facts, line, origin) => {
  if ((line.type !== 'other' && line.type !== 'command') || line.command === undefined || origin.subagent) return;
  noteCommand(facts, {
    skill: line.command,
    timeMs: timeOf(line, origin),
    sessionId: sessionOf(line, origin),
    project: projectOf(line.cwd ?? ''),
    line: nameOf(line, origin),
  });
};
