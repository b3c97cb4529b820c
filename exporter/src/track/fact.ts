import type { Tokens } from '../price/cost.ts';

/**
 * A fact is a thing that is counted once, however many lines tell of it, in however many files and in whatever order. Its key says
 * which thing it is; each further line merges into it. What it counts is worked out from the merged fact (`meter/record.ts`), so the
 * order of reading cannot matter.
 */
export type Fact =
  | ResponseFact
  | PromptFact
  | SessionFact
  | ContinuationFact
  | ActivityFact
  | ToolFact
  | ApiErrorFact
  | CompactionFact
  | SourceFact;

/**
 * Once a fact has been counted it is settled: where it belongs (time, session, agent, model, project) then stays as it is, because its
 * series have been written. What it counts may still grow.
 */
interface Settleable {
  settled: boolean;
}

/** One response of the API. Key: the message id, see `track/usage.ts`. */
export interface ResponseFact extends Settleable {
  type: 'response';
  key: string;
  /** Earliest time of its lines, milliseconds since 1970. */
  timeMs: number;
  sessionId: string;
  agent: 'main' | 'subagent';
  /** Kind of subagent, where its lines tell. */
  agentType?: string;
  model: string;
  tokens: Tokens;
  finished: boolean;
  /** It was told of when it was not finished yet. */
  toldOpen?: true;
  fast: boolean;
  /** Hour of the week in local time, once it has been counted: see `meter/local-time.ts`. */
  localHour?: number;
}

/** One prompt typed by a person. Key: the uuid of its line. */
export interface PromptFact extends Settleable {
  type: 'prompt';
  key: string;
  timeMs: number;
  sessionId: string;
  /** As for a response. */
  localHour?: number;
}

/** One session. Key: its id. */
export interface SessionFact extends Settleable {
  type: 'session';
  key: string;
  sessionId: string;
  /** Time of the first and of the last line, milliseconds since 1970. */
  timeMs: number;
  lastMs: number;
  /** Time of the last line of the main transcript, 0 before the first. */
  lastMainMs: number;
  /** Last part of the working directory, and how well we know it: 2 from the main transcript, 1 from a subagent's, 0 not at all. */
  project: string;
  projectRank: 0 | 1 | 2;
  /** Time of the line that told the project: the earliest of the best rank wins. */
  projectMs: number;
  /** A main transcript with a conversation exists; otherwise only subagents are known. */
  begun: boolean;
  model: string;
  branch: string;
  version: string;
  /** Its main transcript begins with lines that were copied from another session. */
  forked?: true;
  /** It was told that it has begun. */
  told?: true;
  /** A turn is under way: the last word was not the model's end of turn. */
  turnOpen: boolean;
  /** `turnOpen` as it was when it was last told. */
  toldOpen: boolean;
  /** It was said that the session is over. */
  ended: boolean;
  /** What `sessions/<pid>.json` says: the process is busy, idle, open without saying more, or gone; and since when. */
  process?: { status: 'busy' | 'idle' | 'open' | 'gone'; atMs: number };
  /** When it was first found to be over, and how long it had lasted then. Neither changes when it goes on after all. */
  endedMs?: number;
  durationMs: number;
}

/** A session went on from something. Key: the session, and when or that. See `track/continuations.ts`. */
export interface ContinuationFact extends Settleable {
  type: 'continuation';
  key: string;
  timeMs: number;
  sessionId: string;
  how: 'resumed' | 'forked';
}

/** Time in which something happened in a session, by ten minutes of the clock. Key: session and ten minutes. */
export interface ActivityFact extends Settleable {
  type: 'activity';
  key: string;
  /** Time of the last line in it. */
  timeMs: number;
  sessionId: string;
  activeMs: number;
}

/** One tool call: its use in a line of the model and its result in a line of the user. Key: the id of the call. */
export interface ToolFact extends Settleable {
  type: 'tool';
  key: string;
  /** That of the use, else of the result. */
  timeMs: number;
  sessionId: string;
  use?: ToolUse;
  result?: ToolResult;
  /** The tool as it is shown, of MCP servers: it counts under this name from then on. */
  shownTool?: string;
}

/** What the model asked for, without any of the words. */
export interface ToolUse {
  timeMs: number;
  sessionId: string;
  agent: 'main' | 'subagent';
  /** As Claude Code names it. */
  tool: string;
  /** Kind of subagent, where the call starts one. */
  agentType?: string;
  skill?: string;
  /** Lines that the input of an edit adds and removes: they count only where the result does not say. */
  lines?: Lines;
  language?: string;
  /** The result tells of a task. */
  tasks?: true;
  /** The command commits, or opens a pull request. */
  commits?: boolean;
  opensPullRequest?: boolean;
}

export interface Lines {
  added: number;
  removed: number;
}

export type ToolOutcome = 'ok' | 'error' | 'rejected' | 'blocked';

/** What came of it. */
export interface ToolResult {
  timeMs: number;
  sessionId: string;
  outcome: ToolOutcome;
  /** Of errors: from the closed list in `parse/outcome.ts`. */
  category?: string;
  /** Lines that the result says were changed. */
  lines?: Lines;
  /** Where they come from: a patch, or a file that was created. */
  linesFrom?: 'patch' | 'create';
  /** The result says nothing of lines, so those of the input count. */
  countFromInput?: boolean;
  language?: string;
  /** Commits that the output shows; undefined where it is silent. */
  commits?: number;
  /** The output names a pull request. */
  pullRequest?: boolean;
}

/** One failed request of the API. Key: the uuid of its line. */
export interface ApiErrorFact extends Settleable {
  type: 'api_error';
  key: string;
  timeMs: number;
  sessionId: string;
  category: string;
}

/** One compaction of a conversation. Key: the uuid of its summary. */
export interface CompactionFact extends Settleable {
  type: 'compaction';
  key: string;
  timeMs: number;
  sessionId: string;
}

/** What the files beside the transcripts tell: see `sources/`. */
export type SourceFact = TodoFact | FileVersionFact | CommandFact | StatsFact;

/** Todos by how far they are. */
export interface TodoCounts {
  pending: number;
  inProgress: number;
  completed: number;
}

export type TodoStatus = keyof TodoCounts;

/** One task of a task list; without a status it was deleted. */
export interface TodoTask {
  status: TodoStatus | undefined;
  timeMs: number;
}

/** One todo list of one agent. Key: session and agent, see `track/todos.ts`. */
export interface TodoFact extends Settleable {
  type: 'todo';
  key: string;
  /** When it last changed. */
  timeMs: number;
  sessionId: string;
  counts: TodoCounts;
  /** Of a task list: its tasks by number. */
  tasks?: Record<string, TodoTask>;
  /** When and for which project it was counted as abandoned. */
  abandoned?: { timeMs: number; project: string };
  /** What the last event said of it. */
  told: string;
}

/** A kept version of a file compared with its predecessor. Key: session, hash and version. */
export interface FileVersionFact extends Settleable {
  type: 'file_version';
  key: string;
  timeMs: number;
  sessionId: string;
  /** The project it was counted for. */
  countedFor?: string;
  /** 16 hex digits that stand for the path. */
  fileHash: string;
  version: number;
  added: number;
  removed: number;
  modified: number;
}

/** One use of a slash command. Key: see `track/commands.ts`. */
export interface CommandFact extends Settleable {
  type: 'command';
  key: string;
  /** When it was typed; where only a transcript tells, the time of its line. */
  timeMs: number;
  /** `unknown` where only an old history.jsonl tells. */
  sessionId: string;
  /** Last part of the directory in which it was typed. */
  project: string;
  /** The project it was counted for: that of its session, where the session is known. */
  countedFor?: string;
  skill: string;
  /** history.jsonl tells of it. */
  typed: boolean;
  /** Uuid of the transcript line that tells of it. */
  line?: string;
}

/** What one stats-cache.json says. Key: its directory. */
export interface StatsFact extends Settleable {
  type: 'stats';
  key: string;
  /** When the file was written. */
  timeMs: number;
  sessionId: '';
  stats: Stats;
}

/** The content of a stats-cache.json; what a version of it does not have is 0 or absent. Times in milliseconds since 1970. */
export interface Stats {
  version: number;
  computedMs?: number;
  firstSessionMs?: number;
  sessions: number;
  messages: number;
  longestSessionMs: number;
  longestSessionMessages: number;
  speculationSavedMs: number;
  /** Sessions by local hour, 0 to 23. */
  hours: Record<string, number>;
  models: Record<string, ModelStats>;
  days: number;
  toolCalls: number;
  lastDay?: { messages: number; sessions: number; toolCalls: number };
  lastDayTokens: Record<string, number>;
}

/** What a stats-cache.json says of one model. */
export interface ModelStats {
  inputTokens: number;
  outputTokens: number;
  cacheReadTokens: number;
  cacheCreationTokens: number;
  webSearches: number;
  costUsd: number;
  contextWindowTokens: number;
  maxOutputTokens: number;
}

/** What a tracker reads and writes: the facts known so far, by key. */
export interface Facts {
  get(key: string): Fact | undefined;
  put(fact: Fact): void;
}

/** Where a line was found. */
export interface Origin {
  /** Name of the file without its ending. With the session it names the file, wherever it lies and is copied to. */
  file: string;
  /** From the file's name or folder; undefined where only the lines can tell. */
  sessionId?: string;
  subagent: boolean;
  /** Byte offset of the line in the file. */
  offset: number;
  /** The time to use for a line without one: that of the line before, else the file's. */
  fallbackMs: number;
  /** When the line is read: nothing in a transcript has happened later. */
  nowMs: number;
}
