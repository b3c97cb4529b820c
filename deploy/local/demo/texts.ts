/** Everything that is said in the demo. None of it comes from anybody's transcripts. */

export const PROMPTS = [
  'The harbour map loads slowly when there are many ships. Find out why.',
  'Add a test for the tide table at the turn of the year.',
  'Rename berth to mooring everywhere, also in the documentation.',
  'Why does the lamp stay on after the timer has run out?',
  'Please split this file: parsing on one side, drawing on the other.',
  'The build warns about an unused import. Remove it and look for others.',
  'Write down how a release is made, in ten lines at most.',
  'Make the list keep its place when new entries arrive.',
  'Is there a reason that we round twice here?',
  'Go over the error messages: each should name what to do next.',
] as const;

export const ANSWERS = [
  'The slow part is the sorting, which runs for each ship. I will sort once before the loop.',
  'Done. The test covers the last day of December and the first of January.',
  'That was the same name in two files; both are changed and the tests pass.',
  'The timer is cleared before the lamp is told. I have turned the two around.',
  'There are now two files, and neither imports the other.',
  'Rounding once is enough: the second call gets whole numbers already.',
  'I have kept the first sentence of each message and added the way out.',
] as const;

export const THOUGHTS = [
  'First see who calls this, then decide.',
  'Two places write the same value; one of them must be wrong.',
  'A test that fails comes before the change.',
] as const;

export const RESULTS = ['ok', '3 files changed', '14 tests passed', 'nothing found', 'src/harbour.ts', 'written'] as const;

/** Tools, what they are given, and how often they are used. */
export const TOOLS = [
  [{ name: 'Read', input: { file_path: 'src/harbour.ts' } }, 30],
  [{ name: 'Bash', input: { command: 'npm test', description: 'Run the tests' } }, 24],
  [{ name: 'Edit', input: { file_path: 'src/harbour.ts', old_string: 'berth', new_string: 'mooring' } }, 20],
  [{ name: 'Grep', input: { pattern: 'mooring', path: 'src' } }, 14],
  [{ name: 'Write', input: { file_path: 'docs/release.md', content: 'How a release is made.' } }, 6],
  [{ name: 'Glob', input: { pattern: 'src/**/*.ts' } }, 6],
] as const;

/** Projects and how much is done in each. */
export const PROJECTS = [
  ['harbour', 34],
  ['tide-tables', 22],
  ['lamp-firmware', 16],
  ['atlas-web', 14],
  ['release-notes', 8],
  ['sandbox', 6],
] as const;
