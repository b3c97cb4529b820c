import {
  type Block,
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
import { ANSWERS, PROMPTS, RESULTS, THOUGHTS, TOOLS } from './texts.ts';

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
}

const SUBAGENT_CHANCE = 0.07;
/** Nearer to the window than this, a real session would be compacted. */
const MAX_CONTEXT_TOKENS = 150_000;

/** A session of some prompts, each answered with tool calls and now and then a subagent. */
export function* converse(session: Session, prompts: number, random: Random): Generator<Step> {
  const { sessionId, cwd, gitBranch, model } = session;
  const main: Speaker = { context: { sessionId, cwd, gitBranch }, model, contextTokens: random.whole(14_000, 22_000), lastUuid: null };
  for (let prompt = 0; prompt < prompts; prompt++) {
    const gapMs = prompt === 0 ? 0 : random.between(20_000, 240_000);
    yield step(main, random, gapMs, (place) => promptLine(main.context, place, random.pick(PROMPTS)));
    yield* turn(main, session, random);
  }
}

function* turn(main: Speaker, session: Session, random: Random): Generator<Step> {
  for (let call = random.whole(1, 5); call > 0; call--) {
    if (random.next() < SUBAGENT_CHANCE) yield* subagent(main, session, random);
    else yield* toolCall(main, random);
  }
  yield* response(main, random, [{ type: 'text', text: random.pick(ANSWERS) }], 'end_turn');
  yield step(main, random, 40, (place) => turnEndLine(main.context, place, random.whole(8000, 180_000)));
}

function* toolCall(speaker: Speaker, random: Random): Generator<Step> {
  const tool = random.weighted(TOOLS);
  const toolUseId = `toolu_01${random.text(22)}`;
  const blocks: Block[] = [{ type: 'tool_use', id: toolUseId, name: tool.name, input: tool.input }];
  if (random.next() < 0.4) blocks.unshift({ type: 'thinking', thinking: random.pick(THOUGHTS), signature: '' });
  else if (random.next() < 0.3) blocks.unshift({ type: 'text', text: random.pick(ANSWERS) });
  yield* response(speaker, random, blocks, 'tool_use');
  const isError = random.next() < 0.06;
  yield step(speaker, random, random.between(300, 9000), (place) =>
    toolResultLine(speaker.context, place, { toolUseId, text: random.pick(RESULTS), isError }),
  );
  speaker.contextTokens = Math.min(speaker.contextTokens + random.whole(200, 4000), MAX_CONTEXT_TOKENS);
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
    context: { ...main.context, agentId },
    model: session.subagentModel,
    contextTokens: random.whole(6000, 12_000),
    lastUuid: null,
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
