import type { Lines, TodoStatus, ToolOutcome } from '../track/fact.ts';
import { languageOf } from '../track/languages.ts';
import { countLines, countPatch } from './line-count.ts';
import { outcomeOf } from './outcome.ts';

/** A tool's result: what is counted of it, none of its words. */
export interface ToolResultBlock {
  id: string;
  outcome: ToolOutcome;
  category?: string;
  lines?: Lines;
  linesFrom?: 'patch' | 'create';
  countFromInput?: boolean;
  language?: string;
  commits?: number;
  pullRequest?: boolean;
  /** Of TaskCreate and TaskUpdate: the task and how far it is; without a status it was deleted. */
  task?: { id: string; status: TodoStatus | undefined };
}

type Json = Record<string, unknown>;

/** Reads the `tool_result` blocks of a user line, with the `toolUseResult` beside them. */
export function readToolResults(line: Json, content: unknown): ToolResultBlock[] {
  if (!Array.isArray(content)) return [];
  return content.filter(isToolResult).map((block) => {
    const text = textOf(block.content);
    const { outcome, category } = outcomeOf(block.is_error === true, text, line.toolUseResult);
    return {
      id: block.tool_use_id,
      outcome,
      ...(category === undefined ? {} : { category }),
      ...readLines(line.toolUseResult, block.is_error === true),
      ...readOutput(line.toolUseResult, text),
      ...(block.is_error === true ? {} : readTask(line.toolUseResult)),
    };
  });
}

/**
 * A patch counts wherever there is one. A created file has an empty patch and counts with its content. Where there is neither, and
 * nothing failed, the input of the call says how many lines; a result that is a text is an error.
 */
function readLines(result: unknown, isError: boolean): Partial<ToolResultBlock> {
  if (!isObject(result) || !Array.isArray(result.structuredPatch)) {
    return isError || typeof result === 'string' ? {} : { countFromInput: true };
  }
  const language = typeof result.filePath === 'string' ? { language: languageOf(result.filePath) } : {};
  if (result.type === 'create' && result.structuredPatch.length === 0) {
    const added = typeof result.content === 'string' ? countLines(result.content) : 0;
    return { lines: { added, removed: 0 }, linesFrom: 'create', ...language };
  }
  return { lines: countPatch(result.structuredPatch), linesFrom: 'patch', ...language };
}

const STATUSES: Record<string, TodoStatus> = { pending: 'pending', in_progress: 'inProgress', completed: 'completed' };

/** A task that was made, or whose status was changed. A change of anything else tells nothing. */
function readTask(result: unknown): Pick<ToolResultBlock, 'task'> {
  if (!isObject(result)) return {};
  if (isObject(result.task) && typeof result.task.id === 'string' && typeof result.task.subject === 'string') {
    const { id, status = 'pending' } = result.task;
    return typeof status === 'string' && Object.hasOwn(STATUSES, status) ? { task: { id, status: STATUSES[status] } } : {};
  }
  const to = isObject(result.statusChange) ? result.statusChange.to : undefined;
  if (typeof result.taskId !== 'string' || typeof to !== 'string') return {};
  if (to === 'deleted') return { task: { id: result.taskId, status: undefined } };
  return Object.hasOwn(STATUSES, to) ? { task: { id: result.taskId, status: STATUSES[to] } } : {};
}

const COMMIT_LINE = /^\[[^\]\n]+ [0-9a-f]{7,40}\] /gm;
const NOTHING_COMMITTED = /nothing to commit|no changes added to commit|nothing added to commit/;
const PULL_REQUEST_URL = /https:\/\/\S+\/(?:pull|merge_requests)\/\d+/;

/** What the output of a command shows: commits by their `[branch sha]` lines, a pull request by its address. */
function readOutput(result: unknown, text: string): Partial<ToolResultBlock> {
  const stdout = isObject(result) && typeof result.stdout === 'string' && result.stdout !== '' ? result.stdout : text;
  const operation = isObject(result) && isObject(result.gitOperation) ? result.gitOperation : {};
  const shown = stdout.match(COMMIT_LINE)?.length ?? 0;
  const commits = shown || (isObject(operation.commit) ? 1 : NOTHING_COMMITTED.test(stdout) ? 0 : undefined);
  return {
    ...(commits === undefined ? {} : { commits }),
    ...(PULL_REQUEST_URL.test(stdout) ? { pullRequest: true } : {}),
  };
}

/** The text of a result: a string, or the texts of its blocks. */
function textOf(content: unknown): string {
  if (typeof content === 'string') return content;
  if (!Array.isArray(content)) return '';
  return content.map((block) => (isObject(block) && typeof block.text === 'string' ? block.text : '')).join(' ');
}

function isToolResult(block: unknown): block is { tool_use_id: string; content?: unknown; is_error?: unknown } {
  return isObject(block) && block.type === 'tool_result' && typeof block.tool_use_id === 'string';
}

function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
