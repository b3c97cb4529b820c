import { pino } from 'pino';

/** The part of the logger that we use. */
export type Log = Pick<ReturnType<typeof createLog>, 'info' | 'warn' | 'error' | 'debug'>;

/** Logs JSON lines on stderr, so that stdout belongs to the commands. Paths and names of sessions are not logged. */
export function createLog(level: string) {
  return pino({ name: 'ccmeter-exporter', level, base: null }, pino.destination({ dest: 2, sync: true }));
}
