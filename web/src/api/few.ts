/**
 * At most so many requests at a time; the others wait for their turn. Browsers keep as few connections to a server over HTTP/1.1 themselves, but
 * take all requests at once, which in a view that asks thirty questions holds up the page for longer than any of the answers.
 */
export function fewAtOnce(send: typeof fetch, most: number): typeof fetch {
  const waiting: (() => void)[] = [];
  let under = 0;
  return async (input, options) => {
    if (under >= most) await new Promise<void>((resolve) => waiting.push(resolve));
    else under += 1;
    try {
      options?.signal?.throwIfAborted();
      return await send(input, options);
    } finally {
      const next = waiting.shift();
      if (next) next();
      else under -= 1;
    }
  };
}
