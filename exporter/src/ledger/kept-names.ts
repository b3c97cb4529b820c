import { createHash, randomBytes } from 'node:crypto';
import { createNames, type Names, type NamesWish } from '../meter/names.ts';
import { LedgerError } from './error.ts';

/**
 * How the names of a ledger are shown. Totals of a project stay under the name that they have, so a ledger shows projects in one way for
 * good, and keeps the key of its hashes. `meta` gives what is kept under a name, and keeps what it is given where there is nothing yet.
 *
 * @throws LedgerError where it was made in another way
 */
export function openNames(wish: NamesWish, directory: string, meta: (key: string, initial: string) => string): Names {
  const kept = meta('project_names', wish.projects);
  if (kept !== wish.projects)
    throw new LedgerError(
      `--project-names is ${wish.projects}, and the ledger in ${directory} was made with ${kept}; give another --state-dir, where counting begins again with the transcripts that are still there`,
    );
  const given = wish.key === undefined ? undefined : createHash('sha256').update(wish.key).digest('hex');
  const key = meta('project_names_key', given ?? randomBytes(32).toString('hex'));
  if (given !== undefined && given !== key)
    throw new LedgerError(
      `CCMETER_PROJECT_NAMES_KEY is not the one that the ledger in ${directory} was made with; give that one, or another --state-dir`,
    );
  return createNames(wish, key);
}
