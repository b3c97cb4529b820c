import { createRandom } from '../local/demo/random.ts';

const SESSIONS = 24;
const TOOLS = ['Bash', 'Read', 'Edit', 'Grep', 'Write', 'Agent'] as const;
const MODELS = ['claude-opus-5-5', 'claude-sonnet-5-5', 'claude-haiku-5-5'] as const;

/** Makes events as some sessions at once would send them: responses that grow, tool calls, states, todos. */
export function createEvents(): () => unknown {
  const random = createRandom(Date.now());
  const run = random.text(6);
  const sessions = Array.from({ length: SESSIONS }, (_, index) => ({
    sessionId: `bench-${run}-${index}`,
    project: `project-${index % 7}`,
    model: random.pick(MODELS),
    response: 0,
    revision: 0,
  }));
  let number = 0;
  return () => {
    number += 1;
    const session = random.pick([sessions[0] as (typeof sessions)[number], ...sessions.slice(1)]);
    const { sessionId, project } = session;
    const place = { sessionId, project };
    const tool = random.pick(TOOLS);
    const dice = random.next();
    const [type, payload] =
      dice < 0.45
        ? ['usage', usageOf(session)]
        : dice < 0.65
          ? ['tool', { ...place, tool, status: dice < 0.55 ? 'started' : 'completed' }]
          : dice < 0.85
            ? [
                'tool_call',
                {
                  ...place,
                  callId: `${run}${number}`,
                  tool,
                  agent: 'main',
                  result: dice < 0.67 ? 'error' : 'ok',
                  durationSeconds: dice * 9,
                },
              ]
            : dice < 0.93
              ? ['agent', { sessionId, state: dice < 0.91 ? 'working' : 'waiting' }]
              : ['todo_progress', { sessionId, completed: number % 5, inProgress: 1, pending: 3, abandoned: false }];
    const id = `evt_${run}${String(number).padStart(14, '0')}`;
    return { id, source: 'laptop', timestamp: new Date().toISOString(), type, payload };

    function usageOf(one: typeof session) {
      if (random.next() < 0.6) Object.assign(one, { response: number, revision: 0 });
      else one.revision += 1;
      return {
        ...place,
        responseId: `${run}${one.response}`,
        revision: one.revision,
        model: one.model,
        agent: random.next() < 0.15 ? 'subagent' : 'main',
        inputTokens: random.whole(1, 900),
        outputTokens: random.whole(20, 2400),
        cacheReadTokens: random.whole(20_000, 110_000),
        cacheWrite5mTokens: 0,
        cacheWrite1hTokens: random.whole(0, 4000),
        costUsd: random.next() / 5,
        finished: random.next() > 0.1,
      };
    }
  };
}
