import { createMemo, createSignal, createUniqueId, For, lazy, onCleanup, Show, Suspense } from 'solid-js';
import { formatCount } from '../format/number.ts';
import type { Format } from '../format/units.ts';
import { zoneOffset } from '../format/zone.ts';
import type { Mark } from '../store/marks.ts';
import { common, chart as texts } from '../texts/common.ts';
import { MarkIcon } from '../ui/icons.tsx';
import { createElementSize } from '../ui/size.ts';
import { useTheme } from '../ui/theme.ts';
import type { BarsGeometry } from './Chart.tsx';
import { REST_SLOT } from './colours.ts';
import { axisLabel, bucketTitle, labelledBars, needsYear } from './options/axis.ts';
import { barsOption, powerBelow, roundTime, type Shape } from './options/bars.ts';
import { groupMarks, type MarkGroup, marksByBar } from './options/marks.ts';
import { type Bucket, type Layer, type Stack, visibleLayers } from './options/stack.ts';
import { useSharedCharts } from './shared.ts';

const Chart = lazy(() => import('./Chart.tsx'));

/** Fetches what draws charts while their numbers are still being asked for. */
export function fetchCharts(): void {
  // Where it fails, the first chart says so.
  Chart.preload().catch(() => undefined);
}

/** Room that one label of the time axis takes. */
const LABEL_PIXELS = 64;
const DATE_LABEL_PIXELS = 110;
/** Room that the hover box takes; past it the box opens to the left. */
const HOVER_PIXELS = 260;
/** Marks stand at least so far apart, and this high above the bars. */
const MARK_PIXELS = 20;
const TOP_PIXELS = 10;
const TOP_WITH_MARKS_PIXELS = 26;
/** Marks of one bar that are told one by one. */
const MOST_TOLD = 6;
/** With more groups of marks than this, lines down from them would be a fence. */
const MOST_LINES = 8;

export interface StackedBarsProps {
  stack: Stack;
  /** What the bars show, for people who do not see them. */
  title: string;
  nowSeconds: number;
  format: Format;
  shape?: Shape;
  /** Without a legend the layers have no names: there is but one. */
  legend: boolean;
  /** Marks of the view stand on the time axis; they do where it is not said. */
  marks?: boolean;
  /** Hands out the element that the chart is drawn in, for pictures of it. */
  ref?(plot: HTMLDivElement): void;
}

/** Stacked bars with a legend that switches layers and a box that tells the exact values of a bar, by pointer or by arrow keys. */
export function StackedBars(props: StackedBarsProps) {
  const theme = useTheme();
  const [hidden, setHidden] = createSignal<ReadonlySet<string>>(new Set());
  const shared = useSharedCharts();
  const id = createUniqueId();
  onCleanup(() => shared.pointed()?.chart === id && shared.point(null));
  const [drag, setDrag] = createSignal<{ from: number; to: number } | null>(null);
  const [geometry, setGeometry] = createSignal<BarsGeometry | null>(null);
  const [plot, setPlot] = createSignal<HTMLDivElement>();
  const size = createElementSize(plot);
  const layers = createMemo(() => visibleLayers(props.stack, hidden()));
  const powersFrom = createMemo(() => (props.shape === 'lines' && props.format.powers ? powerBelow(layers()) : null));
  const marks = createMemo(() => marksByBar(props.stack.buckets, (props.marks ?? true) ? shared.marks() : []));
  const groups = createMemo(() => groupMarks(marks(), geometry()?.band ?? 0, MARK_PIXELS));
  const option = createMemo(() => {
    const { buckets, step } = props.stack;
    const withYear = needsYear(buckets);
    const room = Math.max(2, Math.floor((size()?.width ?? 600) / (withYear ? DATE_LABEL_PIXELS : LABEL_PIXELS)));
    return barsOption({
      buckets,
      layers: layers(),
      labelled: labelledBars(buckets, step, room, zoneOffset),
      labelOf: (bucket) => axisLabel(bucket, step, {}, withYear),
      shape: props.shape ?? 'bars',
      formatValue: props.format.axis,
      leastTick: props.format.whole ? 1 : 0,
      interval: props.format.powers && props.shape !== 'lines' ? roundTime(layers()) : null,
      powersFrom: powersFrom(),
      most: props.format.most ?? null,
      top: marks().size > 0 ? TOP_WITH_MARKS_PIXELS : TOP_PIXELS,
      theme: theme.chart(),
    });
  });
  const active = createMemo(() => {
    const at = shared.pointed()?.seconds;
    const index = at === undefined ? -1 : bucketAt(props.stack.buckets, at);
    return index === -1 ? null : index;
  });
  const setActive = (index: number | null) => {
    const bucket = index === null ? undefined : props.stack.buckets[index];
    shared.point(bucket ? { seconds: bucket.start, chart: id } : null);
  };
  /** Only the chart that is pointed at tells its values; the others show where that moment is. */
  const own = () => shared.pointed()?.chart === id;
  const activeBar = () => {
    const index = active();
    const bucket = index === null ? undefined : props.stack.buckets[index];
    return index === null || !bucket ? null : { index, bucket };
  };

  function indexAt(event: PointerEvent): number | null {
    const place = geometry();
    const left = plot()?.getBoundingClientRect().left;
    if (!place || left === undefined) return null;
    return Math.floor((event.clientX - left - place.left) / place.band);
  }
  function point(event: PointerEvent): void {
    const index = indexAt(event);
    const last = props.stack.buckets.length - 1;
    setActive(index !== null && index >= 0 && index <= last ? index : null);
    if (index !== null && drag()) setDrag((before) => before && { ...before, to: Math.min(Math.max(index, 0), last) });
  }
  function grab(event: PointerEvent & { currentTarget: HTMLDivElement }): void {
    point(event);
    const index = active();
    // A finger scrolls and points; it does not draw.
    if (!shared.zoom || event.pointerType === 'touch' || event.button !== 0 || index === null) return;
    event.currentTarget.setPointerCapture(event.pointerId);
    setDrag({ from: index, to: index });
  }
  function release(): void {
    const drawn = drag();
    setDrag(null);
    if (!drawn || drawn.from === drawn.to) return;
    const [first, last] = [Math.min(drawn.from, drawn.to), Math.max(drawn.from, drawn.to)];
    const [start, end] = [props.stack.buckets[first]?.start, props.stack.buckets[last]?.end];
    shared.point(null);
    if (start !== undefined && end !== undefined) shared.zoom?.({ start, end });
  }
  function press(event: KeyboardEvent): void {
    const last = props.stack.buckets.length - 1;
    const now = active();
    const next: Record<string, number | null> = {
      ArrowLeft: Math.max(0, (now ?? last + 1) - 1),
      ArrowRight: Math.min(last, (now ?? last - 1) + 1),
      Home: 0,
      End: last,
      Escape: null,
    };
    if (!Object.hasOwn(next, event.key)) return;
    event.preventDefault();
    setActive(next[event.key] ?? null);
  }
  function toggle(key: string): void {
    setHidden((before) => {
      const after = new Set(before);
      if (!after.delete(key)) after.add(key);
      return after;
    });
  }

  return (
    <div class="bars">
      {/* A slider is what a row of bars is to the keyboard: one value of many, told in words. */}
      <div
        class="bars-plot"
        ref={(element) => {
          setPlot(element);
          props.ref?.(element);
        }}
        role="slider"
        tabIndex={0}
        aria-label={texts.keys(props.title)}
        aria-valuemin={0}
        aria-valuemax={props.stack.buckets.length - 1}
        aria-valuenow={active() ?? props.stack.buckets.length - 1}
        aria-valuetext={spoken(props, layers(), marks(), active() ?? props.stack.buckets.length - 1)}
        onPointerMove={point}
        onPointerDown={grab}
        onPointerUp={release}
        onPointerCancel={() => setDrag(null)}
        onPointerLeave={() => !drag() && setActive(null)}
        onBlur={() => setActive(null)}
        onKeyDown={press}
      >
        <Suspense fallback={<div class="skeleton skeleton-chart" />}>
          <Chart option={option()} bars={props.stack.buckets.length} base={powersFrom() ?? 0} onGeometry={setGeometry} />
        </Suspense>
        <Show when={layers().length === 0}>
          <p class="bars-none quiet">{props.stack.layers.length === 0 ? common.nothing : texts.allHidden}</p>
        </Show>
        <Show when={geometry() && activeBar()}>
          {(bar) => (
            <HoverBox
              {...props}
              geometry={geometry()}
              width={size()?.width ?? 0}
              layers={layers()}
              told={marks().get(bar().index) ?? []}
              own={own() && !drag()}
              {...bar()}
            />
          )}
        </Show>
        <Show when={geometry()}>
          {(place) => (
            <For each={groups()}>{(group) => <MarkSign group={group} geometry={place()} line={groups().length <= MOST_LINES} />}</For>
          )}
        </Show>
        <Show when={geometry() && drag()}>
          {(drawn) => (
            <div
              class="bars-drag"
              style={{
                left: `${(geometry()?.left ?? 0) + (geometry()?.band ?? 0) * Math.min(drawn().from, drawn().to)}px`,
                width: `${(geometry()?.band ?? 0) * (Math.abs(drawn().to - drawn().from) + 1)}px`,
                height: `${geometry()?.bottom ?? 0}px`,
              }}
            />
          )}
        </Show>
      </div>
      <Show when={props.legend}>
        <ul class="legend" aria-label={texts.legend(props.title)}>
          <For each={props.stack.layers}>
            {(layer) => (
              <li>
                <button
                  type="button"
                  aria-pressed={!hidden().has(layer.key)}
                  onClick={() => toggle(layer.key)}
                  title={legendTitle(props, layer)}
                >
                  <span class={`swatch slot-${layer.slot}`} />
                  <span class="legend-name">{layer.label}</span>
                  <span class="legend-value" data-value={layer.total}>
                    {props.format.short(layer.total)}
                  </span>
                </button>
              </li>
            )}
          </For>
        </ul>
      </Show>
    </div>
  );
}

/** The sign of what happened, above the bars it happened in; the box that opens on a bar says what it was. */
function MarkSign(props: { group: MarkGroup; geometry: BarsGeometry; line: boolean }) {
  const middle = () => props.geometry.left + props.geometry.band * ((props.group.from + props.group.to + 1) / 2);
  const kinds = () => new Set(props.group.marks.map((mark) => mark.kind));
  const [first] = props.group.marks;
  return (
    <div
      class="mark"
      classList={{ 'has-line': props.line }}
      aria-hidden="true"
      style={{ left: `${middle()}px`, height: `${props.geometry.bottom}px` }}
    >
      <span class="mark-sign">
        <Show when={kinds().size === 1 && first} fallback={formatCount(props.group.marks.length)}>
          {(mark) => <MarkIcon kind={mark().kind} />}
        </Show>
      </span>
    </div>
  );
}

function HoverBox(
  props: StackedBarsProps & {
    geometry: BarsGeometry | null;
    width: number;
    layers: readonly Layer[];
    told: readonly Mark[];
    index: number;
    bucket: Bucket;
    own: boolean;
  },
) {
  const left = () => (props.geometry?.left ?? 0) + (props.geometry?.band ?? 0) * props.index;
  const opensLeft = () => left() > props.width - HOVER_PIXELS && left() > props.width / 2;
  const lines = () => props.shape === 'lines';
  const rows = () => props.layers.filter((layer) => (layer.values[props.index] ?? 0) > 0);
  const total = () => rows().reduce((sum, layer) => sum + (layer.values[props.index] ?? 0), 0);
  return (
    <>
      <div
        class="bars-column"
        style={{ left: `${left()}px`, width: `${props.geometry?.band ?? 0}px`, height: `${props.geometry?.bottom ?? 0}px` }}
      />
      <Show when={props.own}>
        <div
          class="hover-box"
          style={
            opensLeft()
              ? { right: `${props.width - left() + 8}px` }
              : { left: `${Math.min(left() + (props.geometry?.band ?? 0) + 8, Math.max(0, props.width - HOVER_PIXELS))}px` }
          }
        >
          <p class="hover-title">{bucketTitle(props.bucket, props.stack.step, props.nowSeconds)}</p>
          <Show when={props.legend}>
            <For each={rows()}>
              {(layer) => (
                <p class="hover-row">
                  <span class={`swatch slot-${layer.slot}`} />
                  <span class="hover-name">{layer.label}</span>
                  <span class="hover-value">{props.format.exact(layer.values[props.index] ?? 0)}</span>
                </p>
              )}
            </For>
          </Show>
          <Show when={rows().length > 0} fallback={<p>{texts.nothing}</p>}>
            <Show when={!lines() && (!props.legend || rows().length > 1)}>
              <p class="hover-row hover-total">
                <span class="hover-name">{props.legend ? common.total : props.title}</span>
                <span class="hover-value">{props.format.exact(total())}</span>
              </p>
            </Show>
          </Show>
          <Show when={props.told.length > 0}>
            <ul class="hover-marks">
              <For each={props.told.slice(0, MOST_TOLD)}>
                {(mark) => (
                  <li>
                    <MarkIcon kind={mark.kind} />
                    <span>{mark.text}</span>
                  </li>
                )}
              </For>
              <Show when={props.told.length > MOST_TOLD}>
                <li>{texts.marks(formatCount(props.told.length))}</li>
              </Show>
            </ul>
          </Show>
        </div>
      </Show>
    </>
  );
}

function spoken(props: StackedBarsProps, layers: readonly Layer[], marks: ReadonlyMap<number, readonly Mark[]>, index: number): string {
  const bucket = props.stack.buckets[index];
  if (!bucket) return texts.nothingHere;
  const parts = layers.flatMap((layer) => {
    const value = layer.values[index] ?? 0;
    return value > 0 ? [props.legend ? `${layer.label} ${props.format.exact(value)}` : props.format.exact(value)] : [];
  });
  return `${bucketTitle(bucket, props.stack.step, props.nowSeconds)}: ${[...parts, ...(marks.get(index) ?? []).map((mark) => mark.text)].join(', ') || texts.nothingHere}`;
}

function legendTitle(props: StackedBarsProps, layer: Layer): string {
  const what = layer.slot === REST_SLOT ? `${layer.label}: ${layer.title}` : layer.title;
  return `${what}\n${props.format.exact(layer.total)}`;
}

/** The bar that a moment is in, or -1. */
function bucketAt(buckets: readonly Bucket[], seconds: number): number {
  return buckets.findIndex((bucket) => seconds >= bucket.start && seconds < bucket.end);
}
