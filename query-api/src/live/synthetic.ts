/**
 * The self-test sends a session of its own through everything and takes it out again. Its source has this name and a number, and nobody
 * sees it who does not ask for just that source.
 */
const PREFIX = 'ccmeter-self-test-';

/** The name of a source for one test. */
export function syntheticSource(number: string): string {
  return `${PREFIX}${number}`;
}

export function isSynthetic(source: string): boolean {
  return source.startsWith(PREFIX);
}

/** The same as a condition of SQL on the column `source`. */
export const IS_SYNTHETIC = `source GLOB '${PREFIX}*'`;
