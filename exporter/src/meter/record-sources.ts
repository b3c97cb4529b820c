import type { CommandFact, FileVersionFact, TodoFact } from '../track/fact.ts';
import { hourLabels } from './local-time.ts';
import type { Measurement } from './record.ts';

/** One message in its hour of the week; nothing where the hour is not known, as of messages counted before there was this. */
export function measureHour({ localHour }: { localHour?: number }): Measurement[] {
  return localHour === undefined ? [] : [{ metric: 'ccmeter_hour_messages_total', labels: hourLabels(localHour), value: 1 }];
}

/** A list counts when it was abandoned, once, for the project and at the time of then. */
export function measureTodos({ abandoned }: TodoFact): Measurement[] {
  if (abandoned === undefined) return [];
  const { project, timeMs } = abandoned;
  return [{ metric: 'ccmeter_todos_abandoned_total', labels: { project }, value: 1, timeMs }];
}

/** Lines between two kept versions. */
export function measureVersion(fact: FileVersionFact, project: string): Measurement[] {
  return (['added', 'removed', 'modified'] as const).map((change) => ({
    metric: 'ccmeter_file_history_lines_total',
    labels: { project, change },
    value: fact[change],
  }));
}

/** One use of a slash command. */
export function measureCommand({ skill }: CommandFact, project: string): Measurement[] {
  return [{ metric: 'ccmeter_skill_invocations_total', labels: { project, skill }, value: 1 }];
}
