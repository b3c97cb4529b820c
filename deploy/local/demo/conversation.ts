import { makeCall } from './calls.ts';
import {
  type Block,
  compactionLine,
  type Line,
  type LineContext,
  type LinePlace,
  type LineUsage,
  promptLine,
  responseLine,
  toolResultLine,
  turnEndLine,
} from './lines.ts';
import type { Random } from './random.ts';
import { ANSWERS, PROMPTS, SUMMARY, THOUGHTS, TODOS, TOOLS } from './texts.ts';

/** One line that is going to be written: into which transcript, how long after the line before it, and what, once its time is known. */
export interface Step {
  /** The subagent whose transcript it belongs to; undefined for the main one. */
  agentId: string | undefined;
  gapMs: number;
  line(timestamp: string): Line;
}

/** A session as it is lived: who talks, in which project, with which model. */
export interface Session {
  sessionId: string;
  cwd: string;
  gitBranch: string;
  model: string;
  subagentModel: string;
}

interface Speaker {
  context: LineContext;
  model: string;
  /** Tokens of the conversation so far: the next request reads them from the cache. */
  contextTokens: number;
  lastUuid: string | null;
  /** The todo list, by what is done of it. */
  todos: Todo[];
}

interface Todo {
  content: string;
  status: 'pending' | 'in_progress' | 'completed';
}

/** Sessions that keep a todo list, and calls after which it is brought up to date. */
const TODOS_CHANCE = 0.4;
const TODO_STEP_CHANCE = 0.35;
const SUBAGENT_CHANCE = 0.07;
/** Nearer to the window than this, the conversation is summed up. */
const MAX_CONTEXT_TOKENS = 150_000;
/** What is left of a conversation that was summed up. */
const SUMMED_UP_TOKENS = 24_000;

/** A session of some prompts, each answered with tool calls and now and then a subagent. */
export function* converse(session: Session, prompts: number, random: Random): Generator<Step> {
  const { sessionId, cwd, gitBranch, model } = session;
  const main: Speaker = {
    context: { sessionId, cwd, gitBranch },
    model,
    contextTokens: random.whole(14_000, 22_000),
    lastUuid: null,
    todos: [],
  };
  for (let prompt = 0; prompt < prompts; prompt++) {
    const gapMs = prompt === 0 ? 0 : random.between(20_000, 240_000);
    yield step(main, random, gapMs, (place) => promptLine(main.context, place, random.pick(PROMPTS)));
    if (prompt === 0 && random.next() < TODOS_CHANCE) yield* writeTodos(main, random);
    yield* turn(main, session, random);
    if (main.contextTokens >= MAX_CONTEXT_TOKENS) yield* sumUp(main, random);
  }
}

function* turn(main: Speaker, session: Session, random: Random): Generator<Step> {
  for (let call = random.whole(1, 5); call > 0; call--) {
    if (random.next() < SUBAGENT_CHANCE) yield* subagent(main, session, random);
    else yield* toolCall(main, random);
    if (main.todos.some(({ status }) => status !== 'completed') && random.next() < TODO_STEP_CHANCE) yield* writeTodos(main, random);
  }
  yield* response(main, random, [{ type: 'text', text: random.pick(ANSWERS) }], 'end_turn');
  yield step(main, random, 40, (place) => turnEndLine(main.context, place, random.whole(8000, 180_000)));
}

function* toolCall(speaker: Speaker, random: Random): Generator<Step> {
  const call = makeCall(random.weighted(TOOLS), random);
  const toolUseId = `toolu_01${random.text(22)}`;
  const blocks: Block[] = [{ type: 'tool_use', id: toolUseId, name: call.tool, input: call.input }];
  if (random.next() < 0.4) blocks.unshift({ type: 'thinking', thinking: random.pick(THOUGHTS), signature: '' });
  else if (random.next() < 0.3) blocks.unshift({ type: 'text', text: random.pick(ANSWERS) });
  yield* response(speaker, random, blocks, 'tool_use');
  const isError = random.next() < 0.06;
  yield step(speaker, random, random.between(300, 9000), (place) =>
    toolResultLine(speaker.context, place, {
      toolUseId,
      text: isError ? 'Exit code 1' : call.text,
      isError,
      ...(isError || call.result === undefined ? {} : { toolUseResult: call.result }),
    }),
  );
  speaker.contextTokens = Math.min(speaker.contextTokens + random.whole(200, 4000), MAX_CONTEXT_TOKENS);
}

/** The whole list, a step further: begun, or one todo done and the next under way. */
function* writeTodos(main: Speaker, random: Random): Generator<Step> {
  const done = main.todos.filter(({ status }) => status === 'completed').length + (main.todos.length > 0 ? 1 : 0);
  const contents = main.todos.length > 0 ? main.todos.map(({ content }) => content) : TODOS.slice(0, random.whole(3, TODOS.length));
  const statusOf = (index: number) => (index < done ? 'completed' : index === done ? 'in_progress' : 'pending');
  main.todos = contents.map((content, index) => ({ content, status: statusOf(index) }));
  const toolUseId = `toolu_01${random.text(22)}`;
  const todos = main.todos.map((todo) => ({ ...todo, activeForm: todo.content }));
  yield* response(main, random, [{ type: 'tool_use', id: toolUseId, name: 'TodoWrite', input: { todos } }], 'tool_use');
  yield step(main, random, 60, (place) => toolResultLine(main.context, place, { toolUseId, text: 'Todos have been modified' }));
}

/** Room is made: what was said goes, a summary stays. */
function* sumUp(main: Speaker, random: Random): Generator<Step> {
  main.contextTokens = SUMMED_UP_TOKENS;
  yield step(main, random, random.between(15_000, 40_000), (place) => compactionLine(main.context, place, SUMMARY));
}

function* subagent(main: Speaker, session: Session, random: Random): Generator<Step> {
  const toolUseId = `toolu_01${random.text(22)}`;
  const agentId = `a${random.text(16, '0123456789abcdef')}`;
  const input = {
    description: 'Look around',
    prompt: random.pick(PROMPTS),
    subagent_type: random.pick(['Explore', 'general-purpose', 'Plan']),
  };
  yield* response(main, random, [{ type: 'tool_use', id: toolUseId, name: 'Agent', input }], 'tool_use');
  const agent: Speaker = {
    context: { ...main.context, agentId, agentType: input.subagent_type },
    model: session.subagentModel,
    contextTokens: random.whole(6000, 12_000),
    lastUuid: null,
    todos: [],
  };
  yield step(agent, random, 200, (place) => ({ ...promptLine(agent.context, place, input.prompt), promptSource: undefined }));
  for (let call = random.whole(1, 4); call > 0; call--) yield* toolCall(agent, random);
  yield* response(agent, random, [{ type: 'text', text: random.pick(ANSWERS) }], 'end_turn');
  yield step(main, random, 300, (place) =>
    toolResultLine(main.context, place, { toolUseId, text: random.pick(ANSWERS), toolUseResult: { status: 'completed', agentId } }),
  );
}

/** One response in one line per block: the same id on all of them, output growing, a stop reason only on the last. */
function* response(speaker: Speaker, random: Random, blocks: readonly Block[], stopReason: string): Generator<Step> {
  const messageId = `msg_01${random.text(22)}`;
  const requestId = `req_011${random.text(21)}`;
  const final = usageOf(speaker, random);
  for (const [index, block] of blocks.entries()) {
    const isLast = index === blocks.length - 1;
    const usage = isLast ? final : { ...final, output: random.whole(1, Math.max(1, Math.floor(final.output / 4))) };
    yield step(speaker, random, index === 0 ? random.between(1500, 12_000) : random.between(300, 2500), (place) =>
      responseLine(speaker.context, place, {
        messageId,
        requestId,
        model: speaker.model,
        block,
        usage,
        stopReason: isLast ? stopReason : null,
      }),
    );
  }
  speaker.contextTokens = Math.min(speaker.contextTokens + final.cacheWrite1h + final.cacheWrite5m + final.output, MAX_CONTEXT_TOKENS);
}

function usageOf(speaker: Speaker, random: Random): LineUsage {
  const written = random.whole(300, 5000);
  const isSubagent = speaker.context.agentId !== undefined;
  return {
    input: random.whole(1, 12),
    output: Math.round(60 + 900 * random.next() ** 3 * 4),
    cacheRead: speaker.contextTokens,
    // The main conversation keeps its cache for an hour, subagents for five minutes.
    cacheWrite5m: isSubagent ? written : 0,
    cacheWrite1h: isSubagent ? 0 : written,
  };
}

function step(speaker: Speaker, random: Random, gapMs: number, line: (place: LinePlace) => Line): Step {
  const uuid = random.uuid();
  const parentUuid = speaker.lastUuid;
  speaker.lastUuid = uuid;
  return { agentId: speaker.context.agentId, gapMs: Math.round(gapMs), line: (timestamp) => line({ uuid, parentUuid, timestamp }) };
}
