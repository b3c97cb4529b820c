import { appendFileSync, copyFileSync, existsSync, mkdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { converse, type Session, type Step } from '../../deploy/local/demo/conversation.ts';
import type { Random } from '../../deploy/local/demo/random.ts';
import { createSession } from '../../deploy/local/demo/tree.ts';

/** So many sessions go on at a time. */
const SESSIONS = 4;

/** A transcript of this many bytes is now and then copied, as Claude Code does when a session is taken up again. */
const COPY_BYTES = 40_000;

/** One session that goes on, and what of its last line is not written yet. */
interface Going {
  session: Session;
  steps: Generator<Step>;
  left: { path: string; text: string } | undefined;
}

/** Writes transcripts as Claude Code does: several sessions at a time, line by line, some lines in two halves, some files copied. */
export class Grower {
  readonly #claudeDir: string;
  readonly #random: Random;
  readonly #going: Going[] = [];

  constructor(claudeDir: string, random: Random) {
    this.#claudeDir = claudeDir;
    this.#random = random;
    for (let at = 0; at < SESSIONS; at++) this.#going.push(this.#begin());
  }

  /** Writes the next line, or half of it. */
  grow(): void {
    const at = this.#random.whole(0, SESSIONS - 1);
    const going = this.#going[at] ?? this.#begin();
    if (going.left !== undefined) {
      appendFileSync(going.left.path, going.left.text);
      going.left = undefined;
      return;
    }
    const next = going.steps.next();
    if (next.done) {
      this.#copy(going.session);
      this.#going[at] = this.#begin();
    } else this.#write(going, next.value);
  }

  /** Brings every line to its end. */
  finish(): void {
    for (const going of this.#going) {
      if (going.left !== undefined) appendFileSync(going.left.path, going.left.text);
      going.left = undefined;
    }
  }

  #begin(): Going {
    const session = createSession(Date.now(), Date.now(), this.#random);
    return { session, steps: converse(session, this.#random.whole(1, 3), this.#random), left: undefined };
  }

  #write(going: Going, step: Step): void {
    const path = this.#pathOf(going.session, step.agentId);
    const text = `${JSON.stringify(step.line(new Date().toISOString()))}\n`;
    const half = this.#random.next() < 0.2 ? this.#random.whole(1, text.length - 1) : text.length;
    mkdirSync(dirname(path), { recursive: true });
    appendFileSync(path, text.slice(0, half));
    if (half < text.length) going.left = { path, text: text.slice(half) };
  }

  #copy(session: Session): void {
    const path = this.#pathOf(session, undefined);
    if (existsSync(path) && readFileSync(path).length < COPY_BYTES && this.#random.next() < 0.5)
      copyFileSync(path, this.#pathOf({ ...session, sessionId: this.#random.uuid() }, undefined));
  }

  #pathOf({ cwd, sessionId }: Session, agentId: string | undefined): string {
    const project = join(this.#claudeDir, 'projects', cwd.replace(/[^a-zA-Z0-9]/g, '-'));
    return agentId === undefined ? join(project, `${sessionId}.jsonl`) : join(project, sessionId, 'subagents', `agent-${agentId}.jsonl`);
  }
}
