/** One row of {@link labels}: what the label says, where it comes from and how many values it can take. */
export interface Label {
  help: string;
  source: string;
  /** The closed list of values, where there is one. */
  values?: readonly string[];
  /** How many values to expect at the most, and why, where the list is open. */
  bound?: string;
  /** So many values are shown by name, all others together as {@link OTHER}. */
  limit?: number;
  /** The counter by which the values are ranked where more come at once than there is room for, as in the first scan. */
  rankedBy?: string;
}

/** Every label of the catalogue, by name. */
export const labels = {
  host: {
    help: 'The machine that Claude Code runs on.',
    source: '`--host`, else the host name of the machine.',
    bound: 'one per exporter',
  },
  project: {
    help: 'The last part of the directory in which the session began, wherever it goes on; of a worktree in `.claude/worktrees` that of its repository; `unknown` where no line says. With `--project-names=hash` a hash of it, with `none` always `unknown`.',
    source: '`cwd` of the first line of a session that has one.',
    bound: 'directories in which Claude Code is started: tens to hundreds',
    limit: 500,
    rankedBy: 'ccmeter_tokens_total',
  },
  model: {
    help: 'The model, as Claude Code writes it.',
    source: '`message.model` of the line whose usage counts.',
    bound: 'models in use: tens',
    limit: 100,
    rankedBy: 'ccmeter_tokens_total',
  },
  agent: {
    help: 'Who asked: the main conversation or a subagent.',
    source: '`isSidechain`, or the transcript is named `agent-*.jsonl`.',
    values: ['main', 'subagent'],
  },
  kind: {
    help: 'What the tokens were: `input` leaves out cache reads and writes; cache writes are kept for 5 minutes or for 1 hour.',
    source: '`message.usage`.',
    values: ['input', 'output', 'cache_read', 'cache_write_5m', 'cache_write_1h'],
  },
  window: {
    help: 'A window of the subscription: the last five hours, or seven days.',
    source: '`rate_limits` of what Claude Code tells its status line.',
    values: ['five_hour', 'seven_day'],
  },
  role: {
    help: 'Who wrote the message: a person, or the model.',
    source: '`type` of the line.',
    values: ['user', 'assistant'],
  },
  state: {
    help: '`working`: a turn is under way; `waiting`: the turn has ended and it is your move; `idle`: nothing for 5 minutes.',
    source: 'The last line of the session and its age, and `status` of `sessions/<pid>.json`.',
    values: ['working', 'waiting', 'idle'],
  },
  status: {
    help: 'How far a todo is.',
    source: '`status` of the item.',
    values: ['pending', 'in_progress', 'completed'],
  },
  hour: {
    help: 'The hour of the day in local time, `00` to `23`.',
    source: 'The time of the message and the time zone of the exporter; in ccmeter_stats_hour_sessions as the file says.',
    bound: '24',
  },
  weekday: {
    help: 'The day of the week in local time.',
    source: 'As `hour`.',
    values: ['monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday', 'sunday'],
  },
  tokens_kind: {
    help: 'What the tokens were, as coarsely as stats-cache.json knows it: it does not tell 5-minute from 1-hour cache writes.',
    source: '`modelUsage`.',
    values: ['input', 'output', 'cache_read', 'cache_write'],
  },
  source: {
    help: 'What kind of file beside the transcripts.',
    source: 'Where the file lies.',
    values: ['todos', 'tasks', 'file_history', 'stats_cache', 'sessions', 'history', 'settings'],
  },
  session_id: {
    help: 'The session.',
    source: 'Name of the transcript.',
    bound: 'sessions of the last 24 hours: tens to hundreds; the newest 1,000',
  },
  branch: {
    help: 'The git branch last seen in the session; empty outside git. Shown as `project` is.',
    source: '`gitBranch`.',
    bound: 'one for each session that is shown',
  },
  version: {
    help: 'A version: of the exporter in `ccmeter_exporter_build_info`, of the layout in `ccmeter_stats_info`, else of Claude Code.',
    source: '`version` of the line; package.json.',
    bound: 'versions in use: tens',
  },
  tool: {
    help: 'The tool, as Claude Code names it; tools of MCP servers are `mcp` unless `--mcp-names` lets them be shown, tools with other odd names `other`.',
    source: '`name` of the `tool_use` block.',
    bound: 'tools of Claude Code: about fifty over all versions',
    limit: 200,
    rankedBy: 'ccmeter_tool_calls_total',
  },
  category: {
    help: 'What went wrong.',
    source: 'Closed lists in the code, for tools and for the API.',
    bound: 'about twenty',
  },
  agent_type: {
    help: 'Kind of subagent, as its definition is named; `unknown` where the transcript does not say.',
    source: '`input.subagent_type` of the call; `attributionAgent` of the line.',
    bound: 'subagents that are defined: tens',
    limit: 200,
    rankedBy: 'ccmeter_agent_spawns_total',
  },
  skill: {
    help: 'Name of the skill or slash command, without the slash and its arguments; `other` where it is not named like one.',
    source: '`input.skill`; the first word of a typed command.',
    bound: 'skills and commands that are defined: tens to hundreds',
    limit: 300,
    rankedBy: 'ccmeter_skill_invocations_total',
  },
  change: {
    help: 'What was done to the lines. `modified` is between kept versions of files alone: where lines were removed and others put in their place, as many as there are of both; the rest is `added` or `removed`.',
    source: 'Signs of the patch; a comparison of two versions.',
    values: ['added', 'removed', 'modified'],
  },
  language: {
    help: 'Class of language, from the ending of the file name.',
    source: '`file_path` of the call, of which only the ending is used.',
    bound: 'the list in track/languages.ts: about thirty',
  },
  reason: {
    help: 'Why something could not be used.',
    source: 'The exporter.',
    bound: 'closed lists in the code: under ten per metric',
  },
  record_kind: {
    help: 'What is new: a `type` of line, the `subtype` of a system line, a kind of `attachment` or `progress`, a `block` of a message, or a `field`.',
    source: 'The parser.',
    values: ['type', 'subtype', 'attachment', 'progress', 'block', 'field'],
  },
  record_name: {
    help: 'Its name, of a field after what it is in, such as `usage.input_tokens`; `other` where it is no plain name of up to 40 letters and digits.',
    source: 'The line, without its texts, tool inputs and tool results.',
    bound: '200 sets of labels; beyond, `record_name` and `version` are `other`',
  },
  sink: {
    help: 'Where samples are sent.',
    source: 'The exporter.',
    values: ['otlp', 'remote_write'],
  },
  metric: {
    help: 'A metric of this catalogue.',
    source: 'The catalogue.',
    bound: 'one for each metric whose totals are kept',
  },
  label: {
    help: 'A label of this catalogue.',
    source: 'The catalogue.',
    bound: 'one for each label with a limit',
  },
  result: {
    help: 'What came of it. Of tool calls: `rejected` by the user or a permission rule, `blocked` by a hook.',
    source: 'Results of tools; answers that the exporter got.',
    values: ['ok', 'error', 'rejected', 'blocked', 'failed', 'sent', 'dropped'],
  },
} as const satisfies Record<string, Label>;

export type LabelName = keyof typeof labels;

/** The value of a label that stands for all values without a place among the names. */
export const OTHER = 'other';

/** The value of a label whose truth is not known. */
export const UNKNOWN = 'unknown';
