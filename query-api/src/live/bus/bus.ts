import type { Event } from '@ccmeter/exporter/contract';
import { ConfigError } from '../../errors.ts';
import type { Logger } from '../../log.ts';

/** What has come over the bus up to a position. */
export interface BusMessage {
  events: unknown[];
  /** Where to go on after a restart; opaque. */
  position: string;
}

/**
 * Carries events between the processes of one API, in order, and keeps them for those that are away. One process alone needs none: what
 * comes in is stored and told right there.
 */
export interface Bus {
  /** Resolves when the broker has it. */
  publish(events: readonly Event[]): Promise<void>;
  /** Gives everything after the position, first what was kept and then what comes, until `signal`. Rejects when the broker goes away. */
  read(after: string | undefined, take: (message: BusMessage) => void, signal: AbortSignal): Promise<void>;
  close(): Promise<void>;
}

/** Messages that a broker keeps for processes that are away. */
export const KEPT_MESSAGES = 100_000;

/** Connects by the kind of the address. Drivers are optional packages, loaded when they are wanted. */
export async function openBus(url: string, log: Logger): Promise<Bus> {
  const { protocol } = new URL(url);
  try {
    if (protocol === 'nats:' || protocol === 'tls:') return (await import('./nats.ts')).createNatsBus(url, log);
    return (await import('./redis.ts')).createRedisBus(url, log);
  } catch (cause) {
    if (cause instanceof Error && 'code' in cause && cause.code === 'ERR_MODULE_NOT_FOUND')
      throw new ConfigError(`--bus: the driver for ${protocol} is not installed, wanted npm install without --omit=optional`, { cause });
    throw cause;
  }
}

/** Reads what a broker gives back: JSON of an array, nothing else is ours. */
export function readMessage(text: string): unknown[] {
  try {
    const value: unknown = JSON.parse(text);
    return Array.isArray(value) ? value : [];
  } catch {
    return [];
  }
}
