import { readFileSync } from 'node:fs';
import { Command } from 'commander';
import { createPriceBook } from './price/cost.ts';
import { PricesError, readOwnPrices } from './price/own-prices.ts';
import { comparePrices, readSnapshot } from './price/snapshot.ts';

/** `npm run prices`: looks at prices, changes nothing. */
const program = new Command('prices').description('the prices that cost is counted with').showHelpAfterError();

program
  .command('check')
  .description(
    'compare the price table with public snapshots (model_prices_and_context_window.json of LiteLLM, api.json of models.dev); exit code 0: no difference, 1: differences, 2: a file cannot be read',
  )
  .argument('<files...>', 'snapshots, fetched by you')
  .option('--at <day>', 'compare the prices of this day', new Date().toISOString().slice(0, 10))
  .option('--prices <file>', 'prices of your own, which go before the table')
  .action(check);

program.parse();

function check(files: readonly string[], { at, prices }: { at: string; prices?: string }): void {
  const timeMs = Date.parse(at);
  if (Number.isNaN(timeMs)) fail(`--at is ${at}; it wants a day, such as 2026-01-31`);
  const book = createPriceBook(prices === undefined ? [] : readOwn(prices));
  for (const file of files) {
    const snapshot = readSnapshot(readJson(file));
    if (snapshot === undefined) fail(`${file}: it is neither a snapshot of LiteLLM nor one of models.dev`);
    const differences = comparePrices(snapshot, book, timeMs);
    process.stdout.write(`${file}: ${snapshot.length} models of Anthropic, ${differences.length} differences on ${at}\n`);
    for (const { model, what, ours, theirs } of differences) {
      process.stdout.write(`  ${model.padEnd(24)} ${what}: ${show(ours)} here, ${show(theirs)} there\n`);
    }
    if (differences.length > 0) process.exitCode = 1;
  }
}

function show(usd: number | undefined): string {
  return usd === undefined ? 'unknown' : `$${usd}`;
}

function readOwn(file: string) {
  try {
    return readOwnPrices(readText(file));
  } catch (error) {
    if (error instanceof PricesError) fail(`${file}: ${error.message}`);
    throw error;
  }
}

function readJson(file: string): unknown {
  try {
    return JSON.parse(readText(file));
  } catch (error) {
    fail(`${file}: it is not JSON: ${error instanceof Error ? error.message : String(error)}`);
  }
}

function readText(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    fail(error instanceof Error ? error.message : String(error));
  }
}

function fail(message: string): never {
  process.stderr.write(`prices: ${message}\n`);
  process.exit(2);
}
