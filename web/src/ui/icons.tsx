import type { JSX } from 'solid-js';
import { Dynamic } from 'solid-js/web';
import type { MarkKind } from '../store/mark-kinds.ts';

/** Small line icons, drawn in the colour of the text. They never stand alone: what they mean is said beside them or in a label. */
function icon(path: () => JSX.Element) {
  return () => (
    <svg
      class="icon"
      viewBox="0 0 16 16"
      fill="none"
      stroke="currentColor"
      stroke-width="1.5"
      stroke-linecap="round"
      stroke-linejoin="round"
      aria-hidden="true"
    >
      {path()}
    </svg>
  );
}

export const ChevronIcon = icon(() => <path d="m4 6 4 4 4-4" />);
export const UpIcon = icon(() => <path d="M8 13V3m-4 4 4-4 4 4" />);
export const DownIcon = icon(() => <path d="M8 3v10m-4-4 4 4 4-4" />);
export const PauseIcon = icon(() => <path d="M5.5 3.5v9m5-9v9" />);
export const PlayIcon = icon(() => <path d="m5 3 8 5-8 5z" />);
export const SunIcon = icon(() => (
  <path d="M8 10.8a2.8 2.8 0 1 0 0-5.6 2.8 2.8 0 0 0 0 5.6ZM8 1.5v1.2m0 10.6v1.2M1.5 8h1.2m10.6 0h1.2M3.4 3.4l.9.9m7.4 7.4.9.9m0-9.2-.9.9m-7.4 7.4-.9.9" />
));
export const MoonIcon = icon(() => <path d="M13.5 9.6A6 6 0 0 1 6.4 2.5a6 6 0 1 0 7.1 7.1Z" />);
export const SystemIcon = icon(() => <path d="M2 3.2h12v7.6H2zM6 13.5h4" />);
export const CalendarIcon = icon(() => <path d="M2.5 4h11v9.5h-11zM2.5 7h11M5.5 2v3m5-3v3" />);
export const AlertIcon = icon(() => <path d="M8 2 1.5 13.5h13zM8 6.5v3m0 2v.1" />);
export const InfoIcon = icon(() => <path d="M8 14A6 6 0 1 0 8 2a6 6 0 0 0 0 12Zm0-7v4m0-6v.1" />);
export const DotsIcon = icon(() => <path d="M3.5 8h.01M8 8h.01M12.5 8h.01" stroke-width="2.2" />);
export const CopyIcon = icon(() => <path d="M5.5 5.5h8v8h-8zM10.5 5.5v-3h-8v8h3" />);
export const SearchIcon = icon(() => <path d="M7 12A5 5 0 1 0 7 2a5 5 0 0 0 0 10Zm3.6-1.4L14 14" />);
export const BackIcon = icon(() => <path d="M6.5 3 3 6.5 6.5 10M3 6.5h6.5a3.5 3.5 0 0 1 0 7H7" />);
export const ZoomOutIcon = icon(() => <path d="M7 12A5 5 0 1 0 7 2a5 5 0 0 0 0 10Zm3.6-1.4L14 14M4.8 7h4.4" />);
export const GearIcon = icon(() => (
  <path d="M8 10.2a2.2 2.2 0 1 0 0-4.4 2.2 2.2 0 0 0 0 4.4ZM8 1.8v1.9m0 8.6v1.9m6.2-6.2h-1.9M3.7 8H1.8m10.6-4.4L11 5M5 11l-1.4 1.4m8.8 0L11 11M5 5 3.6 3.6" />
));
export const OkIcon = icon(() => <path d="m3.5 8.5 3 3 6-7" />);
export const BellIcon = icon(() => (
  <path d="M3.5 11.5h9c-1-1.2-1.2-2.2-1.2-4.7a3.3 3.3 0 0 0-6.6 0c0 2.5-.2 3.5-1.2 4.7Zm3.2 2.2a1.4 1.4 0 0 0 2.6 0" />
));

/** Shapes tell the kinds of marks apart, not colours. */
const markIcons: Record<MarkKind, () => JSX.Element> = {
  model: icon(() => <path d="M8 2.5 13 5v6l-5 2.5L3 11V5zM3 5l5 2.5L13 5M8 7.5v6" />),
  price: icon(() => (
    <path d="M10.8 5.2C10.3 4 9.3 3.6 8 3.6c-1.6 0-2.8.800-2.8 2.1 0 3.2 5.8 1.3 5.8 4.6 0 1.3-1.3 2.1-3 2.1-1.5 0-2.6-.500-3-1.8M8 2v12" />
  )),
  version: icon(() => <path d="M8 12.5V4.5M4.5 8 8 4.5 11.5 8" />),
  compaction: icon(() => <path d="M8 2v4.5M5.5 4.5 8 7l2.5-2.5M8 14V9.5M5.5 11.5 8 9l2.5 2.5M3 8h2m6 0h2" />),
  commit: icon(() => <path d="M8 10.5a2.5 2.5 0 1 0 0-5 2.5 2.5 0 0 0 0 5ZM1.5 8h4m5 0h4" />),
  pull_request: icon(() => (
    <path d="M4.5 5.5v5M4.5 5.5a1.5 1.5 0 1 0 0-3 1.5 1.5 0 0 0 0 3Zm0 8a1.5 1.5 0 1 0 0-3 1.5 1.5 0 0 0 0 3Zm7 0a1.5 1.5 0 1 0 0-3 1.5 1.5 0 0 0 0 3Zm0-3V6.5a2 2 0 0 0-2-2H7.5" />
  )),
};

/** The sign of a kind of mark. */
export function MarkIcon(props: { kind: MarkKind }) {
  return <Dynamic component={markIcons[props.kind]} />;
}
