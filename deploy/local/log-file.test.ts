import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { createLogFile } from './log-file.ts';

test('keeps two files of bounded size, and the last lines', () => {
  const directory = mkdtempSync(join(tmpdir(), 'ccmeter-log-'));
  const log = createLogFile(join(directory, 'lamp.log'), 100);
  for (let index = 0; index < 100; index++) log.write(`line ${index}\n`);
  expect(readdirSync(directory).sort()).toEqual(['lamp.log', 'lamp.log.1']);
  expect(statSync(join(directory, 'lamp.log')).size).toBeLessThan(120);
  expect(log.lastLines()).toHaveLength(20);
  expect(log.lastLines().at(-1)).toBe('line 99');
  rmSync(directory, { recursive: true });
});
