import { inject } from 'vitest';

/** Something from outside that tests use: where it is, or why it is not there. */
export type Tool = { path: string } | { missing: string };

/** What {@link file://./setup.ts} has found. */
export interface Tools {
  /** A Prometheus that takes remote write. */
  prometheus: Tool;
  promtool: Tool;
  /** The same of version 3, for what differs between the two. */
  prometheus3: Tool;
  promtool3: Tool;
  /** Takes remote write and answers PromQL. */
  victoriametrics: Tool;
  /** The OpenTelemetry Collector with the components that our configuration uses (tests/collector). */
  collector: Tool;
  /** `docker compose`, or `docker-compose`: enough to check the file, without an engine. */
  compose: Tool;
  /** Builds and reads the manifests of Kubernetes, without a cluster. */
  manifests: Tool;
  chromium: Tool;
  /** The real transcripts beside the repository. */
  corpus: Tool;
  docker: Tool;
  /** A Docker engine that has, or can get, the images of the collector and Prometheus of compose.yaml. */
  images: Tool;
  /** The built dashboard. */
  web: Tool;
}

export type ToolName = keyof Tools;

declare module 'vitest' {
  interface ProvidedContext {
    tools: Tools;
  }
  interface TaskMeta {
    skipReason?: string;
  }
}

/** Options for `test` or `describe`: skipped, with the reason, where a tool is missing. */
export function needs(...names: ToolName[]): { skip: boolean; meta: { skipReason?: string } } {
  const missing = names.flatMap((name) => reasonOf(name) ?? []);
  return missing.length === 0 ? { skip: false, meta: {} } : { skip: true, meta: { skipReason: missing.join('; ') } };
}

/** The path of a tool. Only for tests that said `needs(name)`. */
export function pathOf(name: ToolName): string {
  const tool = inject('tools')[name];
  if ('missing' in tool) throw new Error(`this test has to say needs('${name}'): ${tool.missing}`);
  return tool.path;
}

function reasonOf(name: ToolName): string | undefined {
  const tool = inject('tools')[name];
  return 'missing' in tool ? tool.missing : undefined;
}
