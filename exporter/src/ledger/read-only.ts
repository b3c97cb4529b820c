import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import type { Fact } from '../track/fact.ts';
import { LedgerError } from './error.ts';

/** A ledger as it stands, read beside the exporter that uses it. */
export interface LedgerContents {
  facts: Fact[];
  /** The number of a file by its path. */
  fileIds: Map<string, number>;
}

/**
 * Reads the facts of a ledger without touching it.
 *
 * @throws LedgerError where there is none
 */
export function readLedgerFacts(directory: string): LedgerContents {
  const path = join(directory, 'ledger.db');
  if (!existsSync(path))
    throw new LedgerError(`--state-dir is ${directory}, where there is no ledger; it wants the directory of an exporter that has run`);
  const database = new DatabaseSync(path, { readOnly: true });
  try {
    const facts = database.prepare('SELECT body FROM facts').all();
    const files = database.prepare('SELECT id, path FROM files').all();
    return {
      facts: facts.map(({ body }): Fact => JSON.parse(String(body))),
      fileIds: new Map(files.map(({ id, path: name }) => [String(name), Number(id)])),
    };
  } finally {
    database.close();
  }
}
