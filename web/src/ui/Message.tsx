import { type JSX, Show } from 'solid-js';
import { AlertIcon, InfoIcon } from './icons.tsx';

/** One line that must be said: what is missing, what is old. */
export function Notice(props: { tone: 'info' | 'warning'; children: JSX.Element; action?: JSX.Element }) {
  return (
    <div class={`notice notice-${props.tone}`} role={props.tone === 'warning' ? 'alert' : 'note'}>
      {props.tone === 'warning' ? <AlertIcon /> : <InfoIcon />}
      <div class="notice-text">{props.children}</div>
      <Show when={props.action}>{props.action}</Show>
    </div>
  );
}

/** A whole view that has nothing else to show. */
export function Blank(props: { title: string; children: JSX.Element; action?: JSX.Element; alert?: boolean }) {
  return (
    <div class="blank" role={props.alert ? 'alert' : 'status'}>
      <h2>{props.title}</h2>
      <div class="blank-text">{props.children}</div>
      <Show when={props.action}>
        <div class="blank-action">{props.action}</div>
      </Show>
    </div>
  );
}
