import { expect, test } from 'vitest';
import { describeFindings, describeScan, type Status } from './status.ts';

const status: Status = {
  phase: 'scanning',
  files: 480,
  filesRead: 120,
  bytes: 242e6,
  bytesRead: 31e6,
  bytesPerSecond: 84e6,
  sessions: 412,
  tokens: 1_234_000_000,
  historyStartMs: new Date(2025, 8, 3, 12).getTime(),
  pendingSamples: 0,
  publicKey: '',
  claudeDirs: [],
};

test('says how far the scan is, how fast, and how long it takes', () => {
  expect(describeScan(status)).toBe('Reading 120 of 480 transcripts, 31 of 242 MB, 84 MB/s, 3 s left');
});

test('says what was found', () => {
  expect(describeFindings(status)).toBe('412 sessions, 1.2 B tokens, since 2025-09-03');
  expect(describeFindings({ ...status, sessions: 1, tokens: 950, historyStartMs: 0 })).toBe('1 session, 950 tokens');
});
