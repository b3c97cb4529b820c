import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** A page that is written by hand, with its tables made anew: each stands between two comments with its name. */
export function fillTables(path: string, tables: Record<string, () => string>): string {
  const text = readFileSync(join(import.meta.dirname, '..', '..', path), 'utf8');
  return Object.entries(tables).reduce((whole, [name, make]) => {
    const [begin, end] = [`<!-- ${name}: made by npm run generate -->\n`, `\n<!-- end of ${name} -->`];
    const [from, to] = [whole.indexOf(begin), whole.indexOf(end)];
    if (from === -1 || to === -1) throw new Error(`${path} has no place for the table of ${name}`);
    return whole.slice(0, from + begin.length) + make() + whole.slice(to);
  }, text);
}

/** A table with its columns lined up, as the formatter of the repository wants it. */
export function table(header: string[], rows: string[][]): string {
  const all = [header, ...rows].map((cells) => cells.map((cell) => cell.replaceAll('|', '\\|').replaceAll('\n', ' ')));
  const widths = header.map((_, column) => Math.max(3, ...all.map((cells) => cells[column]?.length ?? 0)));
  const lines = all.map((cells) => `| ${widths.map((width, column) => (cells[column] ?? '').padEnd(width)).join(' | ')} |`);
  lines.splice(1, 0, `| ${widths.map((width) => '-'.repeat(width)).join(' | ')} |`);
  return lines.join('\n');
}
