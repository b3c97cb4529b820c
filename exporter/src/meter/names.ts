import { createHmac } from 'node:crypto';
import { UNKNOWN } from '../contract/index.ts';

/** How projects are shown: by name, by a hash of it, or not at all. */
export const PROJECT_NAMES = ['name', 'hash', 'none'] as const;
export type ProjectNames = (typeof PROJECT_NAMES)[number];

/** What may be shown of what users name. */
export interface NamesWish {
  projects: ProjectNames;
  /** MCP servers whose tools are shown by name; `*` stands for all. */
  mcpServers: readonly string[];
  /** What the hashes are made with, where machines shall have the same; else each ledger makes its own. */
  key?: string | undefined;
}

/** Everything by the names that Claude Code gives it, except tools of MCP servers. */
export const PLAIN_WISH: NamesWish = { projects: 'name', mcpServers: [] };

/** Names as they leave the machine. What is inside, in facts and in memory, bears its own. */
export interface Names {
  project(name: string): string;
  /** A branch is shown as projects are. */
  branch(name: string): string;
  tool(name: string): string;
  /** 16 hex digits that stand for a path, which somebody who guesses the path could compute. */
  fileHash(hash: string): string;
  /** Goes into the ids of events, so that nobody can find out by guessing what they were made of. */
  salt: string;
}

/** So many hashes are remembered. */
const MAX_REMEMBERED = 10_000;

/**
 * Names as `wish` has them shown. Hashes are HMACs with a key that stays on the machine, so that they cannot be looked up in a list of
 * likely names.
 */
export function createNames({ projects, mcpServers }: NamesWish, key: string): Names {
  const tool = (name: string) => (!name.startsWith(MCP) || isAllowed(name, mcpServers) ? name : 'mcp');
  if (projects === 'name') return { project: same, branch: same, tool, fileHash: same, salt: '' };
  const hash = rememberHashes(key);
  const project = (name: string) => (name === UNKNOWN ? UNKNOWN : projects === 'none' ? UNKNOWN : hash(`project\n${name}`));
  const branch = (name: string) => (name === '' || projects === 'none' ? '' : hash(`branch\n${name}`));
  return { project, branch, tool, fileHash: (text) => hash(`file\n${text}`), salt: hash('salt') };
}

const MCP = 'mcp__';

/** A tool of an MCP server is named `mcp__<server>__<tool>`. */
function isAllowed(tool: string, servers: readonly string[]): boolean {
  const end = tool.indexOf('__', MCP.length);
  const server = tool.slice(MCP.length, end === -1 ? undefined : end);
  return servers.includes('*') || servers.includes(server);
}

const same = (name: string) => name;

function rememberHashes(key: string): (text: string) => string {
  const known = new Map<string, string>();
  return (text) => {
    let hash = known.get(text);
    if (hash === undefined) {
      hash = createHmac('sha256', key).update(text).digest('hex').slice(0, 16);
      if (known.size >= MAX_REMEMBERED) known.clear();
      known.set(text, hash);
    }
    return hash;
  };
}

/** For tests and scans that do not say. */
export const PLAIN_NAMES: Names = createNames(PLAIN_WISH, '');
