import { expect, test } from 'vitest';
import { readTask, readTodoFileName, readTodoList, TASK_FILE } from './todo-files.ts';

const SESSION = '5e551011-0000-4000-a000-000000000001';

test.each([
  ['a main list', `${SESSION}-agent-${SESSION}.json`, { sessionId: SESSION, agentId: SESSION }],
  ['a list of a subagent', `${SESSION}-agent-ab12cd3.json`, { sessionId: SESSION, agentId: 'ab12cd3' }],
  ['no agent', `${SESSION}.json`, undefined],
  ['another word', `${SESSION}-worker-ab12cd3.json`, undefined],
  ['no session', 'notes-agent-ab12cd3.json', undefined],
  ['a path', `../${SESSION}-agent-ab12cd3.json`, undefined],
  ['nothing', '', undefined],
])('the name of %s', (_, name, wanted) => {
  expect(readTodoFileName(name)).toEqual(wanted);
});

test.each([
  ['an empty list', '[]', { pending: 0, inProgress: 0, completed: 0 }],
  [
    'items of 1.0',
    '[{"content":"paint the boat","status":"completed","priority":"high","id":"1"},{"content":"x","status":"pending","id":"2"}]',
    { pending: 1, inProgress: 0, completed: 1 },
  ],
  [
    'items of 2.0',
    '[{"content":"paint the boat","status":"in_progress","activeForm":"Painting the boat"}]',
    { pending: 0, inProgress: 1, completed: 0 },
  ],
  ['an unknown status', '[{"content":"x","status":"cancelled"},{"status":null},7,null]', { pending: 0, inProgress: 0, completed: 0 }],
  ['a name of every object', '[{"status":"constructor"},{"status":"__proto__"}]', { pending: 0, inProgress: 0, completed: 0 }],
  ['a list that is half written', '[{"content":"paint the bo', { unusable: 'not_json' }],
  ['an empty file', '', { unusable: 'not_json' }],
  ['an object', '{"todos":[]}', { unusable: 'wrong_shape' }],
])('a todo file with %s', (_, text, wanted) => {
  expect(readTodoList(text)).toEqual(wanted);
});

test.each([
  ['a task', '{"id":"3","subject":"s","description":"d","status":"in_progress","blocks":[],"blockedBy":[]}', { status: 'inProgress' }],
  ['a deleted task', '{"id":"3","subject":"s","status":"deleted"}', { status: undefined }],
  ['no status', '{"id":"3","subject":"s"}', { unusable: 'wrong_shape' }],
  ['a list', '[]', { unusable: 'wrong_shape' }],
  ['half a task', '{"id":"3","sub', { unusable: 'not_json' }],
])('a task file with %s', (_, text, wanted) => {
  expect(readTask(text)).toEqual(wanted);
});

test('tasks are numbered files; the high-water mark and the lock are not tasks', () => {
  expect(['1.json', '24.json', '.highwatermark', '.lock', 'a.json', '1.json.tmp'].filter((name) => TASK_FILE.test(name))).toEqual([
    '1.json',
    '24.json',
  ]);
});
