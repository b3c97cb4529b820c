import { type JSX, Show } from 'solid-js';

/** A titled part of a view. */
export function Panel(props: {
  title: string;
  aside?: JSX.Element;
  figure?: JSX.Element;
  menu?: JSX.Element;
  class?: string;
  children: JSX.Element;
}) {
  return (
    <section class={`panel ${props.class ?? ''}`} aria-label={props.title}>
      <header class="panel-head">
        <h2>{props.title}</h2>
        <Show when={props.figure}>
          <div class="panel-figure">{props.figure}</div>
        </Show>
        <Show when={props.aside}>
          <div class="panel-aside">{props.aside}</div>
        </Show>
        <Show when={props.menu}>
          <div class="panel-corner">{props.menu}</div>
        </Show>
      </header>
      {props.children}
    </section>
  );
}
