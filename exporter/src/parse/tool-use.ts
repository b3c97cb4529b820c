import type { Lines, TodoCounts } from '../track/fact.ts';
import { languageOf } from '../track/languages.ts';
import { countLines, diffLines } from './line-count.ts';

/** A tool call as the model asked for it: what is counted of it, none of its words. */
export interface ToolUseBlock {
  id: string;
  tool: string;
  agentType?: string;
  skill?: string;
  lines?: Lines;
  language?: string;
  commits?: boolean;
  opensPullRequest?: boolean;
  /** Of TodoWrite: the whole list, as counts. */
  todos?: TodoCounts;
  /** Of TaskCreate and TaskUpdate: the result tells of a task. */
  tasks?: true;
}

type Json = Record<string, unknown>;

/** Reads the `tool_use` blocks of a message. */
export function readToolUses(content: unknown): ToolUseBlock[] {
  if (!Array.isArray(content)) return [];
  return content.filter(isToolUse).map(({ id, name, input }) => readToolUse(id, name, input));
}

/** Reads one call. */
export function readToolUse(id: string, name: string, input: unknown): ToolUseBlock {
  return { id, tool: toolName(name), ...readInput(name, isObject(input) ? input : {}) };
}

/** Tools of whose input something is used. */
const READ = new Set([
  'Task',
  'Agent',
  'Skill',
  'Edit',
  'MultiEdit',
  'Write',
  'TodoWrite',
  'SlashCommand',
  'TaskCreate',
  'TaskUpdate',
  'Bash',
  'PowerShell',
]);

/** Nothing of the input of this tool is used, so that it need not be read. */
export function usesOnlyName(name: string): boolean {
  return !READ.has(name);
}

/** The tool runs commands. */
export function isShell(name: string): boolean {
  return name === 'Bash' || name === 'PowerShell';
}

/** A command, or JSON with a command in it, may commit or open a pull request; where this says no, it does not. */
export function mayCommit(text: string): boolean {
  return text.includes('commit') || text.includes('gh');
}

/** Tools of Claude Code are words; those of MCP servers carry names that users chose, of which `meter/names.ts` says whether they are shown. */
function toolName(name: string): string {
  if (name.startsWith('mcp__')) return /^[\w.:-]{1,128}$/.test(name) ? name : 'mcp';
  return /^[A-Za-z][A-Za-z_]{0,39}$/.test(name) ? name : 'other';
}

function readInput(name: string, input: Json): Partial<ToolUseBlock> {
  switch (name) {
    case 'Task':
    case 'Agent':
      return { agentType: nameOr(input.subagent_type, 'general-purpose') };
    case 'Skill':
      return { skill: nameOr(input.skill, 'unknown').replace(/^\//, '') };
    case 'Edit':
      return { lines: diffLines(textOf(input.old_string), textOf(input.new_string)), language: languageOf(textOf(input.file_path)) };
    case 'MultiEdit':
      return { lines: sumEdits(input.edits), language: languageOf(textOf(input.file_path)) };
    case 'Write':
      return { lines: { added: countLines(textOf(input.content)), removed: 0 }, language: languageOf(textOf(input.file_path)) };
    case 'SlashCommand':
      // Without its slash it is no command but something that somebody wrote.
      return { skill: nameOr(/^\s*\/(\S+)/.exec(textOf(input.command))?.[1], 'other') };
    case 'TaskCreate':
    case 'TaskUpdate':
      return { tasks: true };
    case 'TodoWrite':
      return { todos: countTodos(input.todos) };
    case 'Bash':
    case 'PowerShell':
      return readCommand(textOf(input.command));
    default:
      return {};
  }
}

function countTodos(todos: unknown): TodoCounts {
  const all = Array.isArray(todos) ? todos.filter(isObject) : [];
  const count = (status: string) => all.filter((todo) => todo.status === status).length;
  return { pending: count('pending'), inProgress: count('in_progress'), completed: count('completed') };
}

function sumEdits(edits: unknown): Lines {
  const all = Array.isArray(edits) ? edits.filter(isObject) : [];
  const lines = all.map((edit) => diffLines(textOf(edit.old_string), textOf(edit.new_string)));
  return { added: lines.reduce((sum, { added }) => sum + added, 0), removed: lines.reduce((sum, { removed }) => sum + removed, 0) };
}

/**
 * `git … commit` at the beginning of a command, after assignments (`A=b git`, `$r = git` of PowerShell) and with options between, but not
 * `git commit-tree`. Text in a here document is not a command.
 */
const COMMIT =
  /(?:^|[;&|(\n]|\bthen\b|\bdo\b)\s*(?:[A-Z_][A-Z0-9_]*=\S*\s+|\$\w+\s*=\s*)*git(?:\s+-[cC]\s+(?:"[^"]*"|\S+)|\s+--?[a-z][\w-]*(?:=\S+)?)*\s+commit\b(?!-)/;
const PULL_REQUEST = /\bgh\s+pr\s+create\b/;
const HERE_DOCUMENT = /<<-?\s*['"]?(\w+)['"]?[\s\S]*?\n\s*\1\b/g;

/** A command longer than this is a program, not a commit. */
const MAX_COMMAND_CHARACTERS = 100_000;

function readCommand(command: string): Partial<ToolUseBlock> {
  if (command.length > MAX_COMMAND_CHARACTERS || !/\bcommit\b|\bgh\s+pr\b/.test(command)) return {};
  const text = command.replace(HERE_DOCUMENT, '');
  return {
    ...(COMMIT.test(text) ? { commits: true } : {}),
    ...(PULL_REQUEST.test(text) ? { opensPullRequest: true } : {}),
  };
}

/** Names are labels: short, and of one line. */
export function nameOr(value: unknown, otherwise: string): string {
  return typeof value === 'string' && /^[\w:./ -]{1,80}$/.test(value) ? value : typeof value === 'string' ? 'other' : otherwise;
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

function isToolUse(block: unknown): block is { id: string; name: string; input: unknown } {
  return isObject(block) && block.type === 'tool_use' && typeof block.id === 'string' && typeof block.name === 'string';
}

function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
