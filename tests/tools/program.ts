import { spawn } from 'node:child_process';

/** A program that a test has started. */
export interface Program {
  pid: number;
  /** All that it has said so far, on both outputs. */
  said(): string;
  /** Resolves with the match once what it said fits; rejects when it ends before that. */
  untilSaid(pattern: RegExp): Promise<RegExpExecArray>;
  /** Resolves with the exit code, or the name of the signal, once it is gone. */
  ended: Promise<number | NodeJS.Signals | null>;
  kill(signal: NodeJS.Signals): void;
}

/** Starts a program and listens to it. */
export function startProgram(program: string, args: readonly string[], environment: NodeJS.ProcessEnv = process.env): Program {
  const child = spawn(program, args, { env: environment, stdio: ['ignore', 'pipe', 'pipe'] });
  if (child.pid === undefined) throw new Error(`${program} cannot be started`);
  let text = '';
  const listeners = new Set<() => void>();
  const hear = (more: string): void => {
    text += more;
    for (const listener of listeners) listener();
  };
  child.stdout.setEncoding('utf8').on('data', hear);
  child.stderr.setEncoding('utf8').on('data', hear);
  const end = Promise.withResolvers<number | NodeJS.Signals | null>();
  child.once('close', (code, signal) => end.resolve(signal ?? code));
  return {
    pid: child.pid,
    said: () => text,
    ended: end.promise,
    kill: (signal) => void child.kill(signal),
    untilSaid(pattern) {
      const { promise, resolve, reject } = Promise.withResolvers<RegExpExecArray>();
      const look = (): void => {
        const match = pattern.exec(text);
        if (match) resolve(match);
      };
      listeners.add(look);
      look();
      void end.promise.then((code) => reject(new Error(`ended (${code}) before it said ${pattern}:\n${text}`)));
      return promise.finally(() => listeners.delete(look));
    },
  };
}
