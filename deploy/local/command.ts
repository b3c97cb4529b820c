import { spawn } from 'node:child_process';
import { accessSync, constants, statSync } from 'node:fs';
import { delimiter, join } from 'node:path';

/** What a finished command left behind. `code` is null when it could not be started or was ended by a signal. */
export interface Finished {
  code: number | null;
  stdout: string;
  stderr: string;
}

const MAX_OUTPUT_CHARACTERS = 1_000_000;

/** Runs a command to its end and gives back what it said. Never throws: a program that is not there has code null. */
export function run(program: string, args: readonly string[], options: { cwd?: string; timeoutMs?: number } = {}): Promise<Finished> {
  const { promise, resolve } = Promise.withResolvers<Finished>();
  const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'], timeout: options.timeoutMs, cwd: options.cwd });
  const said = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr'] as const) {
    child[name].setEncoding('utf8').on('data', (text: string) => {
      said[name] = (said[name] + text).slice(-MAX_OUTPUT_CHARACTERS);
    });
  }
  child.once('error', (error) => resolve({ code: null, stdout: said.stdout, stderr: error.message }));
  child.once('close', (code) => resolve({ code, ...said }));
  return promise;
}

/** The full path of a program on the PATH, or undefined. */
export function findOnPath(name: string, path = process.env.PATH ?? ''): string | undefined {
  const fileName = process.platform === 'win32' ? `${name}.exe` : name;
  return path
    .split(delimiter)
    .filter((directory) => directory !== '')
    .map((directory) => join(directory, fileName))
    .find(isProgram);
}

/** Whether there is a file that may be run. */
export function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}
