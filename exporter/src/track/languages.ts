/** Language classes by file ending. One class for endings that belong together; everything else is `other`. */
const ENDINGS: Record<string, readonly string[]> = {
  typescript: ['ts', 'tsx', 'mts', 'cts'],
  javascript: ['js', 'jsx', 'mjs', 'cjs'],
  python: ['py', 'pyi', 'ipynb'],
  rust: ['rs'],
  go: ['go'],
  java: ['java'],
  kotlin: ['kt', 'kts'],
  swift: ['swift'],
  c: ['c', 'h'],
  cpp: ['cc', 'cpp', 'cxx', 'hpp', 'hh', 'hxx'],
  csharp: ['cs'],
  ruby: ['rb', 'erb'],
  php: ['php'],
  scala: ['scala'],
  elixir: ['ex', 'exs'],
  haskell: ['hs'],
  lua: ['lua'],
  dart: ['dart'],
  r: ['r'],
  sql: ['sql'],
  shell: ['sh', 'bash', 'zsh', 'fish', 'ps1', 'bat'],
  html: ['html', 'htm', 'vue', 'svelte', 'astro'],
  css: ['css', 'scss', 'sass', 'less'],
  markdown: ['md', 'mdx'],
  text: ['txt', 'rst', 'adoc', 'tex'],
  json: ['json', 'jsonl', 'jsonc'],
  yaml: ['yaml', 'yml'],
  config: ['toml', 'ini', 'cfg', 'conf', 'env', 'xml', 'properties'],
  terraform: ['tf', 'hcl'],
};

const byEnding = new Map(Object.entries(ENDINGS).flatMap(([language, endings]) => endings.map((ending) => [ending, language] as const)));

/** The class of a file by its name; nothing of the path is kept. */
export function languageOf(path: string): string {
  const ending = /\.([a-z0-9]+)$/i.exec(path)?.[1]?.toLowerCase();
  return (ending === undefined ? undefined : byEnding.get(ending)) ?? 'other';
}
