import { readTimeMs } from '../parse/time.ts';
import { readObject, type Unusable } from './readable.ts';

/**
 * What `sessions/<pid>.json` says: one file for each Claude Code that runs, since about 2.1.8x. It is removed when the session exits,
 * left behind when it crashes, and overwritten at changes of its status.
 */
export interface RunningSession {
  pid: number;
  sessionId: string;
  /** `shell`: a command that a person typed runs. Undefined before about 2.1.100, which do not say. */
  status: 'busy' | 'idle' | undefined;
  startedMs: number;
  /** When the status was last written; the start where the file does not say. */
  updatedMs: number;
}

export const RUNNING_FILE = /^(\d{1,10})\.json$/;

const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** Reads one such file. The name, the folder and the sockets in it are not looked at. */
export function readRunningSession(text: string): RunningSession | Unusable {
  const read = readObject(text);
  if ('unusable' in read) return read;
  const file = read.object;
  const { pid, sessionId } = file;
  const startedMs = readTimeMs(file.startedAt);
  if (typeof pid !== 'number' || !Number.isSafeInteger(pid) || pid <= 0) return { unusable: 'wrong_shape' };
  if (typeof sessionId !== 'string' || !UUID.test(sessionId) || startedMs === undefined) return { unusable: 'wrong_shape' };
  const updatedMs = readTimeMs(file.statusUpdatedAt) ?? readTimeMs(file.updatedAt) ?? startedMs;
  return { pid, sessionId, status: readStatus(file.status), startedMs, updatedMs };
}

function readStatus(value: unknown): RunningSession['status'] {
  if (value === 'busy' || value === 'shell') return 'busy';
  return value === 'idle' ? 'idle' : undefined;
}
