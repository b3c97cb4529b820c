import type { Line } from './lines.ts';

/** Tokens of one model as stats-cache.json has them. */
interface ModelUsage {
  inputTokens: number;
  outputTokens: number;
  cacheReadInputTokens: number;
  cacheCreationInputTokens: number;
}

/** What Claude Code's own statistics would say of lines: as it does, every line of a response counts, and so does every line of tools. */
export function createStats() {
  const days = new Map<string, { messageCount: number; sessions: Set<string>; toolCallCount: number }>();
  const models: Record<string, ModelUsage> = {};
  const sessions = new Map<string, { first: string; last: string; messageCount: number }>();
  return {
    add(line: Line): void {
      const { timestamp, sessionId, isSidechain, message } = line;
      if (typeof timestamp !== 'string' || typeof sessionId !== 'string' || isSidechain === true) return;
      const date = timestamp.slice(0, 10);
      const day = days.get(date) ?? { messageCount: 0, sessions: new Set<string>(), toolCallCount: 0 };
      days.set(date, day);
      const session = sessions.get(sessionId) ?? { first: timestamp, last: timestamp, messageCount: 0 };
      sessions.set(sessionId, session);
      session.last = timestamp;
      session.messageCount += 1;
      day.messageCount += 1;
      if (session.messageCount === 1) day.sessions.add(sessionId);
      if (JSON.stringify(message ?? '').includes('"type":"tool_use"')) day.toolCallCount += 1;
      addUsage(models, message);
    },
    /** The file as it would be written on the day after `lastDay`. */
    file(lastDay: string): Line {
      const known = [...days].filter(([date]) => date <= lastDay).sort(([one], [other]) => (one < other ? -1 : 1));
      const lengths = [...sessions].map(([sessionId, { first, last, messageCount }]) => ({
        sessionId,
        duration: Date.parse(last) - Date.parse(first),
        messageCount,
        timestamp: first,
      }));
      return {
        version: 2,
        lastComputedDate: lastDay,
        dailyActivity: known.map(([date, day]) => ({
          date,
          messageCount: day.messageCount,
          sessionCount: day.sessions.size,
          toolCallCount: day.toolCallCount,
        })),
        modelUsage: models,
        totalSessions: known.reduce((sum, [, day]) => sum + day.sessions.size, 0),
        totalMessages: known.reduce((sum, [, day]) => sum + day.messageCount, 0),
        longestSession: lengths.sort((one, other) => other.duration - one.duration)[0],
        firstSessionDate: [...sessions.values()].map(({ first }) => first).sort()[0],
        hourCounts: {},
      };
    },
  };
}

function addUsage(models: Record<string, ModelUsage>, message: unknown): void {
  if (typeof message !== 'object' || message === null || !('usage' in message) || !('model' in message)) return;
  const { model, usage } = message;
  if (typeof usage !== 'object' || usage === null || typeof model !== 'string') return;
  const read = (name: string) => Number(Object.entries(usage).find(([key]) => key === name)?.[1] ?? 0);
  const known = models[model] ?? { inputTokens: 0, outputTokens: 0, cacheReadInputTokens: 0, cacheCreationInputTokens: 0 };
  models[model] = {
    inputTokens: known.inputTokens + read('input_tokens'),
    outputTokens: known.outputTokens + read('output_tokens'),
    cacheReadInputTokens: known.cacheReadInputTokens + read('cache_read_input_tokens'),
    cacheCreationInputTokens: known.cacheCreationInputTokens + read('cache_creation_input_tokens'),
  };
}
