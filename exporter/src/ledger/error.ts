/** The ledger cannot be used: another exporter holds it, a later version made it, or its place does not serve. */
export class LedgerError extends Error {}

/**
 * Result codes of SQLite, https://www.sqlite.org/rescode.html. Those of trouble outside the file: no permission, somebody else has it, no
 * memory, read-only, the disk, no room, cannot be opened, locking protocol.
 */
const TROUBLE: ReadonlySet<number> = new Set([3, 5, 6, 7, 8, 10, 13, 14, 15]);
const BUSY = 5;
const DAMAGE: ReadonlySet<number> = new Set([11, 26]);

/** The file ends before its time. Counted among the troubles of the disk, it is one of the file. */
const SHORT_READ = 522;

/** A text that is no JSON where SQLite reads it. It has no code of its own. */
const MALFORMED_JSON = 'malformed JSON';

/** The file itself is broken, so that trying again is of no use. */
export function isDamage(error: unknown): boolean {
  const code = codeOf(error);
  return code !== undefined && (DAMAGE.has(code & 0xff) || code === SHORT_READ || messageOf(error).includes(MALFORMED_JSON));
}

/** SQLite cannot do its work for reasons that are not in the file. */
export function isTrouble(error: unknown): boolean {
  const code = codeOf(error);
  return code !== undefined && TROUBLE.has(code & 0xff) && code !== SHORT_READ;
}

/** Somebody else has the file. */
export function isBusy(error: unknown): boolean {
  return ((codeOf(error) ?? 0) & 0xff) === BUSY;
}

/** The extended code: its lowest byte is the code, the others say more about it. */
function codeOf(error: unknown): number | undefined {
  return error instanceof Error && 'errcode' in error && typeof error.errcode === 'number' ? error.errcode : undefined;
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : '';
}
