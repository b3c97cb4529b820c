import type { Random } from './random.ts';
import { FILES, RESULTS, SKILLS, type ToolName } from './texts.ts';

/** A tool call: what is asked for, and what comes of it when it does not fail. */
export interface Call {
  tool: string;
  input: Record<string, unknown>;
  text: string;
  /** What the result says beside its text. */
  result?: Record<string, unknown>;
}

/** Makes up a call of a tool. */
export function makeCall(name: ToolName, random: Random): Call {
  const file_path = random.pick(FILES);
  switch (name) {
    case 'Read':
      return { tool: 'Read', input: { file_path }, text: random.pick(RESULTS) };
    case 'Bash':
      return { tool: 'Bash', input: { command: 'npm test', description: 'Run the tests' }, text: random.pick(RESULTS) };
    case 'Grep':
      return { tool: 'Grep', input: { pattern: 'mooring', path: 'src' }, text: random.pick(RESULTS) };
    case 'Glob':
      return { tool: 'Glob', input: { pattern: 'src/**/*.ts' }, text: random.pick(RESULTS) };
    case 'Skill':
      return { tool: 'Skill', input: { skill: random.pick(SKILLS) }, text: 'Launching the skill' };
    case 'Edit':
      return makeEdit(file_path, random);
    case 'Write': {
      const content = linesOf(random.whole(4, 60));
      return {
        tool: 'Write',
        input: { file_path, content },
        text: 'written',
        result: { type: 'create', filePath: file_path, content, structuredPatch: [] },
      };
    }
    case 'commit': {
      const sha = random.text(7, '0123456789abcdef');
      const command = `git commit -m "Rename berth to mooring"`;
      return { tool: 'Bash', input: { command, description: 'Commit' }, text: `[main ${sha}] Rename berth to mooring\n 3 files changed` };
    }
    case 'pull request': {
      const text = `https://github.com/example/harbour/pull/${random.whole(1, 900)}`;
      return { tool: 'Bash', input: { command: 'gh pr create --fill', description: 'Open a pull request' }, text };
    }
  }
}

function makeEdit(file_path: string, random: Random): Call {
  const [added, removed] = [random.whole(1, 24), random.whole(0, 14)];
  const lines = [...Array.from({ length: removed }, () => '-berth'), ...Array.from({ length: added }, () => '+mooring')];
  const structuredPatch = [{ oldStart: 1, oldLines: removed, newStart: 1, newLines: added, lines }];
  const input = { file_path, old_string: 'berth', new_string: 'mooring' };
  return { tool: 'Edit', input, text: 'changed', result: { filePath: file_path, structuredPatch } };
}

function linesOf(count: number): string {
  return Array.from({ length: count }, () => 'How a release is made.\n').join('');
}
