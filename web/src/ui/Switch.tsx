/** On or off, at once. */
export function Switch(props: { name: string; checked: boolean; onChange(checked: boolean): void }) {
  return (
    <label class="switch">
      <span class="visually-hidden">{props.name}</span>
      <input type="checkbox" checked={props.checked} onChange={(event) => props.onChange(event.currentTarget.checked)} />
      <span class="switch-track" aria-hidden="true" />
    </label>
  );
}
