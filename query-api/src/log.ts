import pino, { type Logger } from 'pino';

export type { Logger };

export const LOG_LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'silent'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

/** JSON lines on stderr, written at once so that the last line before an exit is not lost. Queries and event bodies are never logged. */
export function createLog(level: LogLevel): Logger {
  return pino({ name: 'query-api', level }, pino.destination({ dest: 2, sync: true }));
}
