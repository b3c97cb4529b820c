import { hashOf } from './hash.ts';
import { modelLabel } from './model.ts';
import { preferences } from './preferences.ts';

/** What people read for the values of closed labels. */
const words: Record<string, Record<string, string>> = {
  kind: {
    input: 'Input',
    output: 'Output',
    cache_read: 'Cache read',
    cache_write_5m: 'Cache write, 5 min',
    cache_write_1h: 'Cache write, 1 hour',
  },
  agent: { main: 'Main', subagent: 'Subagents' },
  result: { ok: 'Done', error: 'Failed', rejected: 'Rejected', blocked: 'Blocked', sent: 'Sent', dropped: 'Dropped', failed: 'Failed' },
  change: { added: 'Added', removed: 'Removed', modified: 'Modified' },
  role: { user: 'Prompts', assistant: 'Responses' },
  status: { pending: 'Open', in_progress: 'Under way', completed: 'Done' },
  sink: { otlp: 'OTLP', remote_write: 'Remote write' },
};

/** Labels whose values name things of the user. */
const PRIVATE: ReadonlySet<string> = new Set(['project', 'host', 'branch', 'skill', 'agent_type']);

/** A label's value as it is shown: short model names, words for closed lists, nothing of the user's in privacy mode, else as it is. */
export function labelText(label: string, value: string): string {
  if (label === 'model') return modelLabel(value);
  if (PRIVATE.has(label) && preferences().privacy) return hideName(label, value);
  if (label === 'skill') return `/${value}`;
  if (label === 'category' || label === 'reason') return sentence(value);
  return words[label]?.[value] ?? value;
}

/** The full value of a label for hover; as hidden as {@link labelText}. */
export function labelTitle(label: string, value: string): string {
  return PRIVATE.has(label) && preferences().privacy ? hideName(label, value) : value;
}

/** A stand-in for a name: the same name has the same one everywhere, and the name cannot be read from it. */
export function hideName(label: string, value: string): string {
  return `${label.replace('_', ' ')} ${(hashOf(`${label}:${value}`) % 0x10000).toString(16).padStart(4, '0')}`;
}

function sentence(value: string): string {
  const text = value.replaceAll('_', ' ');
  return text.charAt(0).toUpperCase() + text.slice(1);
}
