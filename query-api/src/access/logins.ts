import { createHash, randomBytes } from 'node:crypto';
import { chmodSync, mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { readRole, type User } from './users.ts';

/** Codes that are worth one login, and the browsers that are logged in. Only hashes are kept. */
export interface Logins {
  /** A code for one login within {@link CODE_SECONDS}. */
  createCode(user: User): string;
  /** The user of a code, which is worth nothing afterwards. */
  takeCode(code: string): User | undefined;
  /** Lets a browser in: the value of its cookie. */
  begin(user: User): string;
  find(cookie: string): User | undefined;
  end(cookie: string): void;
  close(): void;
}

const CODE_SECONDS = 300;
export const LOGIN_SECONDS = 7 * 86_400;

const SCHEMA = `
  CREATE TABLE IF NOT EXISTS secrets (
    hash BLOB PRIMARY KEY, kind TEXT NOT NULL, name TEXT NOT NULL, role TEXT NOT NULL, until_ms INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID;
`;

type Kind = 'code' | 'login';

/** Opens the file, which several processes may share: a command makes codes while the API runs. */
export function openLogins(path: string, now: () => number): Logins {
  if (path !== ':memory:') mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  const database = new DatabaseSync(path, { timeout: 5000 });
  if (path !== ':memory:') chmodSync(path, 0o600);
  database.exec(`PRAGMA journal_mode = WAL; ${SCHEMA}`);
  const put = database.prepare('INSERT INTO secrets VALUES (?, ?, ?, ?, ?)');
  const get = database.prepare('SELECT name, role FROM secrets WHERE hash = ? AND kind = ? AND until_ms > ?');
  const take = database.prepare('DELETE FROM secrets WHERE hash = ? AND kind = ? RETURNING name, role, until_ms');
  const forget = database.prepare('DELETE FROM secrets WHERE until_ms <= ?');

  function create(kind: Kind, { name, role }: User, seconds: number): string {
    forget.run(now());
    const secret = randomBytes(32).toString('base64url');
    put.run(hash(secret), kind, name, role, now() + seconds * 1000);
    return secret;
  }

  return {
    createCode: (user) => create('code', user, CODE_SECONDS),
    takeCode(code) {
      const row = take.get(hash(code), 'code');
      return row === undefined || Number(row.until_ms) <= now() ? undefined : readUser(row);
    },
    begin: (user) => create('login', user, LOGIN_SECONDS),
    find(cookie) {
      const row = get.get(hash(cookie), 'login', now());
      return row === undefined ? undefined : readUser(row);
    },
    end: (cookie) => void take.get(hash(cookie), 'login'),
    close: () => database.close(),
  };
}

/** Found by its hash: what the database compares tells nothing of the secret. */
function hash(secret: string): Uint8Array {
  return createHash('sha256').update(secret).digest();
}

function readUser(row: Record<string, unknown>): User | undefined {
  const role = readRole(row.role);
  return role === undefined ? undefined : { name: String(row.name), role };
}
