import { For } from 'solid-js';
import { labelText } from '../format/labels.ts';
import { formatCount, formatShare } from '../format/number.ts';

/** Kinds of tokens, in the order in which they are drawn. */
export const KINDS = ['cache_read', 'cache_write_5m', 'cache_write_1h', 'input', 'output'] as const;

/** A part smaller than this is not seen, and would be a gap between its neighbours. */
const LEAST_SHARE = 0.0005;

/** What tokens were, as parts of one bar. */
export function KindsBar(props: { kinds: Readonly<Record<string, number>>; label?: string }) {
  const all = () => KINDS.reduce((sum, kind) => sum + (props.kinds[kind] ?? 0), 0);
  const shareOf = (kind: string) => (all() === 0 ? 0 : (props.kinds[kind] ?? 0) / all());
  const text = (kind: string) => `${labelText('kind', kind)}: ${formatCount(props.kinds[kind] ?? 0)}, ${formatShare(shareOf(kind))}`;
  return (
    <div class="kinds-bar" role="img" aria-label={[props.label, ...KINDS.map(text)].filter(Boolean).join('; ')}>
      <For each={KINDS.filter((kind) => shareOf(kind) >= LEAST_SHARE)}>
        {(kind) => <span class={`kind-${kind}`} title={text(kind)} style={{ 'flex-grow': shareOf(kind) }} />}
      </For>
    </div>
  );
}
