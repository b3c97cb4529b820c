/** A part of a whole as a bar; what it says stands beside it. */
export function ProgressBar(props: { part: number; full?: boolean }) {
  return (
    <span class="share-bar" classList={{ 'is-full': props.full ?? false }} aria-hidden="true">
      <span style={{ width: `${100 * props.part}%` }} />
    </span>
  );
}
