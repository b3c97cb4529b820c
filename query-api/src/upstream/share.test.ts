import { expect, test } from 'vitest';
import { createShare } from './share.ts';

const never = new AbortController().signal;

/** Work that is counted and ends when it is told to. */
function workbench() {
  const under: { signal: AbortSignal; end(answer: string): void; fail(error: Error): void }[] = [];
  const work = (signal: AbortSignal) => {
    const { promise, resolve, reject } = Promise.withResolvers<string>();
    signal.addEventListener('abort', () => reject(signal.reason));
    under.push({ signal, end: resolve, fail: reject });
    return promise;
  };
  return { share: createShare<string>(), work, under };
}

test('who asks while the same is under way gets a newer answer, together with the others', async () => {
  const { share, work, under } = workbench();
  const first = share.ask('a', never, work);
  const others = [1, 2, 3].map(() => share.ask('a', never, work));
  expect(under).toHaveLength(1);
  under[0]?.end('old');
  expect(await first).toBe('old');
  await expect.poll(() => under.length).toBe(2);
  const late = share.ask('a', never, work);
  under[1]?.end('new');
  expect(await Promise.all(others)).toEqual(['new', 'new', 'new']);
  await expect.poll(() => under.length).toBe(3);
  under[2]?.end('newest');
  expect(await late).toBe('newest');
});

test('other questions do not wait', async () => {
  const { share, work, under } = workbench();
  const both = [share.ask('a', never, work), share.ask('b', never, work)];
  under[1]?.end('b');
  under[0]?.end('a');
  expect(await Promise.all(both)).toEqual(['a', 'b']);
});

test('a failure is told to those who waited for it, the next question is asked anew', async () => {
  const { share, work, under } = workbench();
  const first = share.ask('a', never, work);
  const second = share.ask('a', never, work);
  under[0]?.fail(new Error('no'));
  await expect(first).rejects.toThrow('no');
  await expect.poll(() => under.length).toBe(2);
  under[1]?.end('yes');
  expect(await second).toBe('yes');
});

test('the work ends when the last asker leaves, not before', async () => {
  const { share, work, under } = workbench();
  const busy = share.ask('a', never, work);
  const [one, two] = [new AbortController(), new AbortController()];
  const waiting = [share.ask('a', one.signal, work), share.ask('a', two.signal, work)];
  under[0]?.end('x');
  await busy;
  await expect.poll(() => under.length).toBe(2);
  one.abort(new Error('left'));
  await expect(waiting[0]).rejects.toThrow('left');
  expect(under[1]?.signal.aborted).toBe(false);
  two.abort(new Error('left too'));
  await expect(waiting[1]).rejects.toThrow('left too');
  expect(under[1]?.signal.aborted).toBe(true);
});
