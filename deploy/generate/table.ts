/** A table with its columns lined up, as the formatter of the repository wants it. */
export function table(header: string[], rows: string[][]): string {
  const all = [header, ...rows].map((cells) => cells.map((cell) => cell.replaceAll('|', '\\|').replaceAll('\n', ' ')));
  const widths = header.map((_, column) => Math.max(3, ...all.map((cells) => cells[column]?.length ?? 0)));
  const lines = all.map((cells) => `| ${widths.map((width, column) => (cells[column] ?? '').padEnd(width)).join(' | ')} |`);
  lines.splice(1, 0, `| ${widths.map((width) => '-'.repeat(width)).join(' | ')} |`);
  return lines.join('\n');
}
