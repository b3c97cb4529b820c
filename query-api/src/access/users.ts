/** What somebody may do: ask, send events, or both and everything else. */
export const ROLES = ['read', 'ingest', 'admin'] as const;
export type Role = (typeof ROLES)[number];

/** Who asks. */
export interface User {
  name: string;
  role: Role;
}

/** True where the role is enough. */
export function allows(role: Role, needed: Role): boolean {
  return role === 'admin' || role === needed;
}

export function readRole(value: unknown): Role | undefined {
  return ROLES.find((role) => role === value);
}
