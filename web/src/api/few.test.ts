import { expect, test } from 'vitest';
import { fewAtOnce } from './few.ts';

/** A stand-in that answers when it is told to. */
function standIn() {
  const sent: { url: string; answer(): void; fail(): void }[] = [];
  const send: typeof fetch = (input) => {
    const { promise, resolve, reject } = Promise.withResolvers<Response>();
    sent.push({ url: String(input), answer: () => resolve(new Response()), fail: () => reject(new Error('gone')) });
    return promise;
  };
  return { sent, send };
}

const soon = () => new Promise((resolve) => setTimeout(resolve));

test('sends as many as may be at once, and the next when one is answered or has failed', async () => {
  const { sent, send } = standIn();
  const few = fewAtOnce(send, 2);
  const answers = ['a', 'b', 'c', 'd'].map((name) => few(`http://${name}`).then(() => name, String));
  await soon();
  expect(sent.map(({ url }) => url)).toEqual(['http://a', 'http://b']);
  sent[1]?.fail();
  await soon();
  expect(sent.map(({ url }) => url)).toEqual(['http://a', 'http://b', 'http://c']);
  for (const at of [0, 2, 3]) {
    sent[at]?.answer();
    await soon();
  }
  expect(await Promise.all(answers)).toEqual(['a', 'Error: gone', 'c', 'd']);
});

test('what is no longer wanted when its turn comes is not sent', async () => {
  const { sent, send } = standIn();
  const few = fewAtOnce(send, 1);
  const leaving = new AbortController();
  const first = few('http://a');
  const second = few('http://b', { signal: leaving.signal });
  const third = few('http://c');
  await soon();
  leaving.abort();
  sent[0]?.answer();
  await expect(second).rejects.toThrow('aborted');
  await soon();
  sent[1]?.answer();
  await Promise.all([first, third]);
  expect(sent.map(({ url }) => url)).toEqual(['http://a', 'http://c']);
});
