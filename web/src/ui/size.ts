import { type Accessor, createEffect, createSignal, onCleanup } from 'solid-js';

/** The size of an element, following it. */
export function createElementSize(element: Accessor<Element | undefined>): Accessor<{ width: number; height: number } | null> {
  const [size, setSize] = createSignal<{ width: number; height: number } | null>(null);
  createEffect(() => {
    const watched = element();
    if (!watched) return;
    const observer = new ResizeObserver(([entry]) => {
      if (entry) setSize({ width: entry.contentRect.width, height: entry.contentRect.height });
    });
    observer.observe(watched);
    onCleanup(() => observer.disconnect());
  });
  return size;
}
