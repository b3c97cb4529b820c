import { words } from '../texts/labels.ts';
import { hashOf } from './hash.ts';
import { modelLabel } from './model.ts';
import { preferences } from './preferences.ts';

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

/** Whether a text is a stand-in for a name. */
export function isHidden(label: string, text: string): boolean {
  return new RegExp(`^${label.replace('_', ' ')} [0-9a-f]{4}$`).test(text);
}

/** What stands in a link for a value: the value, or in privacy mode its stand-in. */
export function linkText(label: string, value: string): string {
  return PRIVATE.has(label) && preferences().privacy && !isHidden(label, value) ? hideName(label, value) : value;
}

/** The value that a text of a link stands for, of those that are known; a text that is no stand-in is the value. */
export function nameBehind(label: string, text: string, known: readonly string[]): string {
  return isHidden(label, text) ? (known.find((value) => hideName(label, value) === text) ?? text) : text;
}

/** A query as it is shown: in privacy mode without the names that it asks for. */
export function queryText(query: string): string {
  if (!preferences().privacy) return query;
  return query.replace(MATCHER, (whole, label: string, operator: string) => (PRIVATE.has(label) ? `${label}${operator}"…"` : whole));
}

const MATCHER = /\b([a-z_]+)(=~|!~|!=|=)"(?:[^"\\]|\\.)*"/g;
