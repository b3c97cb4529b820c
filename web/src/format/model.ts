/** `claude-sonnet-4-5-20250929` and the older `claude-3-5-sonnet-20241022`: family and version on either side. */
const NEW_STYLE = /^claude-([a-z]+)-(\d+)(?:-(\d{1,2}))?(?:-\d{8}|-latest|@\d{8})?(\[1m\])?$/;
const OLD_STYLE = /^claude-(\d+)(?:-(\d{1,2}))?-([a-z]+)(?:-\d{8}|-latest|@\d{8})?$/;

/** A model's short name: `Sonnet 4.5`. What we do not know stays as it is written. */
export function modelLabel(model: string): string {
  const recent = NEW_STYLE.exec(model);
  if (recent) return `${capital(recent[1])} ${version(recent[2], recent[3])}${recent[4] ? ' 1M' : ''}`;
  const old = OLD_STYLE.exec(model);
  if (old) return `${capital(old[3])} ${version(old[1], old[2])}`;
  return model;
}

/** `opus`, `sonnet`, `haiku`; nothing for models of others. */
export function modelFamily(model: string): string | undefined {
  return NEW_STYLE.exec(model)?.[1] ?? OLD_STYLE.exec(model)?.[3];
}

function capital(word = ''): string {
  return word.charAt(0).toUpperCase() + word.slice(1);
}

function version(major = '', minor?: string): string {
  return minor === undefined ? major : `${major}.${minor}`;
}
