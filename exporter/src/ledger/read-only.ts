import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import type { Fact } from '../track/fact.ts';
import { LedgerError } from './error.ts';

/**
 * Reads the facts of a ledger as it stands, beside the exporter that uses it, without touching it.
 *
 * @throws LedgerError where there is none
 */
export function readLedgerFacts(directory: string): Fact[] {
  const path = join(directory, 'ledger.db');
  if (!existsSync(path))
    throw new LedgerError(`--state-dir is ${directory}, where there is no ledger; it wants the directory of an exporter that has run`);
  const database = new DatabaseSync(path, { readOnly: true });
  try {
    const facts = database.prepare('SELECT body FROM facts').all();
    return facts.map(({ body }): Fact => JSON.parse(String(body)));
  } finally {
    database.close();
  }
}
