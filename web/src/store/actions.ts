/** Something that can be done by keyboard or from the palette. */
export interface Action {
  group: string;
  name: string;
  /** The keys that do it, one after the other. */
  keys: readonly string[];
  run(): void;
}

/** The action that a key completes, after what was pressed before; `pending` where it may be the first of two. */
export function actionFor(actions: readonly Action[], before: string, key: string): Action | 'pending' | null {
  const pressed = before === '' ? [key] : [before, key];
  const same = (action: Action) => action.keys.length === pressed.length && action.keys.every((one, index) => one === pressed[index]);
  const found = actions.find(same);
  if (found) return found;
  return before === '' && actions.some((action) => action.keys.length > 1 && action.keys[0] === key) ? 'pending' : null;
}

/** Actions whose names contain all the words, those that begin with them first. */
export function findActions(actions: readonly Action[], text: string): Action[] {
  const words = text.toLowerCase().split(/\s+/).filter(Boolean);
  const found = actions.filter((action) => words.every((word) => `${action.group} ${action.name}`.toLowerCase().includes(word)));
  const begins = (action: Action) => Number(!action.name.toLowerCase().startsWith(words[0] ?? ''));
  return found.sort((one, other) => begins(one) - begins(other));
}
