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

/** What is written down as todos. */
export const TODOS = [
  'Find where it is called',
  'Write a test that fails',
  'Change the code',
  'Run all tests',
  'Say it in the documentation',
  'Look at the page in a browser',
] as const;

/** What a conversation is summed up to when there is no more room. */
export const SUMMARY = 'So far: the slow part was found, the sorting moved out of the loop, the tests pass. Left: the documentation.';

/** Files that are worked on. */
export const FILES = ['src/harbour.ts', 'src/tides.py', 'src/lamp.rs', 'web/map.css', 'docs/release.md', 'config/berths.json'] as const;

export type ToolName = 'Read' | 'Bash' | 'Edit' | 'Grep' | 'Write' | 'Glob' | 'Skill' | 'commit' | 'pull request';

/** What is called, and how often. */
export const TOOLS: readonly (readonly [name: ToolName, weight: number])[] = [
  ['Read', 30],
  ['Bash', 22],
  ['Edit', 20],
  ['Grep', 14],
  ['Write', 6],
  ['Glob', 6],
  ['commit', 3],
  ['Skill', 1.5],
  ['pull request', 0.5],
];

export const SKILLS = ['review', 'release', 'frontend-design'] as const;

/** Projects and how much is done in each. */
export const PROJECTS = [
  ['harbour', 34],
  ['tide-tables', 22],
  ['lamp-firmware', 16],
  ['atlas-web', 14],
  ['release-notes', 8],
  ['sandbox', 6],
] as const;
