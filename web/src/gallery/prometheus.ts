import { createRandom } from './history.ts';

/** A made-up answer of Prometheus: three lines whatever is asked. */
export function prometheusAnswer(url: URL) {
  if (url.pathname.endsWith('/values')) return ['claude-opus-4-7', 'claude-sonnet-4-6'];
  const names = ['claude-opus-4-7', 'claude-sonnet-4-6', 'glm-4.7'];
  if (url.pathname.endsWith('/query'))
    return {
      resultType: 'vector',
      result: names.map((model, index) => ({ metric: { model }, value: [0, String(1_234_567 / (index + 1))] })),
    };
  const [start, end, step] = ['start', 'end', 'step'].map((name) => Number(url.searchParams.get(name)));
  const random = createRandom(3);
  const points = () => {
    const values: [number, string][] = [];
    for (let at = start ?? 0; at <= (end ?? 0); at += step ?? 60) values.push([at, String(Math.round(1000 * random()))]);
    return values;
  };
  return { resultType: 'matrix', result: names.map((model) => ({ metric: { model }, values: points() })) };
}
