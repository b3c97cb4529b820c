import { For } from 'solid-js';
import type { PanelAnswer } from '../api/client.ts';
import { modelSlots } from '../charts/colours.ts';
import { type Stack, stackOf } from '../charts/options/stack.ts';
import { StackedBars } from '../charts/StackedBars.tsx';
import { TOKENS } from '../format/units.ts';
import { Panel } from '../ui/Panel.tsx';
import { createRandom } from './history.ts';
import { GALLERY_NOW_MS } from './now.ts';

const HOUR = 3600;
const end = Math.floor(GALLERY_NOW_MS / 60_000) * 60;

/** A stack of made-up layers. */
function stack(names: readonly string[], bars: number, step: number, height: number, seed = 3): Stack {
  const random = createRandom(seed);
  const start = Math.floor(end / step) * step - (bars - 1) * step;
  const series = names.map((model, layer) => {
    const points = Array.from({ length: bars }, (_, index): [number, number] => {
      const value = random() < 0.25 ? 0 : Math.round((random() * height) / (layer + 1));
      return [start + index * step, value];
    });
    return { labels: { model }, value: points.reduce((sum, [, value]) => sum + value, 0), points };
  });
  const answer: PanelAnswer = { id: 'tokens', unit: 'token', start, end: start + bars * step, step, series, query: '' };
  return stackOf('model', null, answer, { model: modelSlots(names) });
}

const numbered = (count: number) => Array.from({ length: count }, (_, index) => `model-${index + 1}`);

const charts: { title: string; stack: Stack; legend?: boolean }[] = [
  { title: 'Usual', stack: stack(['claude-opus-4-6', 'claude-sonnet-4-5-20250929', 'claude-haiku-4-5-20251001'], 24, HOUR, 90_000) },
  { title: 'More layers than colours', stack: stack(numbered(30), 30, 24 * HOUR, 5_000_000) },
  { title: 'All eight hues', stack: stack(numbered(8), 12, HOUR, 900) },
  { title: 'One bar', stack: stack(['claude-opus-4-6'], 1, HOUR, 1200) },
  { title: 'Ninety-two bars', stack: stack(['claude-opus-4-6', 'glm-4.7'], 92, 24 * HOUR, 40_000_000_000) },
  { title: 'Nothing', stack: stack(['claude-opus-4-6'], 24, HOUR, 0) },
  {
    title: 'Names that are markup or far too long',
    stack: stack(['<img src=x onerror=alert(1)>', 'x'.repeat(300), '{b|rich}'], 10, HOUR, 100),
  },
  { title: 'Without a legend', stack: stack(['one'], 48, HOUR / 2, 3), legend: false },
];

/** Every chart in every state. */
export function Charts() {
  return (
    <div class="view">
      <h1>Charts</h1>
      <div class="grid">
        <For each={charts}>
          {(chart) => (
            <Panel title={chart.title} class="panel-half">
              <StackedBars
                stack={chart.stack}
                title={chart.title}
                nowSeconds={GALLERY_NOW_MS / 1000}
                format={TOKENS}
                legend={chart.legend ?? true}
              />
            </Panel>
          )}
        </For>
      </div>
    </div>
  );
}
