import { setTimeout as sleep } from 'node:timers/promises';
import { converse } from './conversation.ts';
import type { Random } from './random.ts';
import { createSession, writeStep } from './tree.ts';

const PROMPTS_A_SESSION = 12;
const LONGEST_GAP_MS = 2000;
const SHORTEST_GAP_MS = 400;

/** Sessions that grow while one looks: a line every second or two, one session after the other, until the signal. */
export async function growLive(claudeDir: string, random: Random, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    const session = createSession(Date.now(), Date.now(), random);
    for (const step of converse(session, PROMPTS_A_SESSION, random)) {
      await sleep(Math.min(Math.max(step.gapMs, SHORTEST_GAP_MS), LONGEST_GAP_MS), undefined, { signal }).catch(() => {});
      if (signal.aborted) return;
      writeStep(claudeDir, session, step, Date.now());
    }
  }
}
