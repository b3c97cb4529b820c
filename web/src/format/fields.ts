import { fromWall, zoneOffset } from './zone.ts';

/** `datetime-local` fields speak local time without a zone: 2026-11-20T12:05. */
export function writeMinuteField(seconds: number): string {
  return new Date((seconds + zoneOffset(seconds)) * 1000).toISOString().slice(0, 16);
}

/** Unix seconds of what a field says; null where it says nothing. */
export function readMinuteField(text: string): number | null {
  const wall = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}/.test(text) ? Date.parse(`${text.slice(0, 16)}Z`) : Number.NaN;
  return Number.isNaN(wall) ? null : fromWall(Math.floor(wall / 60_000) * 60);
}
