import { benches as ofExporter } from '../exporter/bench/benches.ts';
import { benches as ofApi } from '../query-api/bench/benches.ts';
import { dashboard } from './bench/dashboard.ts';

/**
 * `npm run bench [-- NAME…]`: each bench prints our figure beside that of a named peer or limit, taken in the same run.
 * Transcripts are those of `CCMETER_BENCH_DIR`, else of `../shared/data/corpus`, else made up.
 */
const benches: Record<string, () => Promise<string[]>> = { ...ofExporter, ...ofApi, dashboard };
const wanted = process.argv.slice(2);
const unknown = wanted.filter((name) => !Object.hasOwn(benches, name));
if (unknown.length > 0) {
  process.stderr.write(`bench: no ${unknown.join(', ')}; there are ${Object.keys(benches).join(', ')}\n`);
  process.exit(2);
}
for (const [name, bench] of Object.entries(benches)) {
  if (wanted.length > 0 && !wanted.includes(name)) continue;
  process.stdout.write(`\n${name}\n`);
  for (const line of await bench()) process.stdout.write(`  ${line}\n`);
}
