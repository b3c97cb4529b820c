// The one file that any Node can read: an old one gets a sentence instead of a stack trace.
const [command, ...args] = process.argv.slice(2);

if (Number(process.versions.node.split('.')[0]) < 24) {
  process.stderr.write(
    `ccmeter needs Node 24 or newer; this is ${process.versions.node}. "npm ci" brings one along, unless install scripts are turned off: then run "npm rebuild node", or install Node 24.\n`,
  );
  process.exit(1);
}
const { start, startDemo } = command === 'demo' ? await import('./demo.ts') : await import('./start.ts');
process.exit(await (startDemo ?? start)(args));
