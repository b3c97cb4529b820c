import { startVitest, type TestCase, type TestModule, type TestSuite } from 'vitest/node';

/**
 * `npm test`: all projects of vitest, then every skipped test by name with its reason, and as the very last line how it came out.
 * In CI a skip counts as a failure, unless its reason is one that a CI machine cannot help.
 */
const EXCUSED_IN_CI = [
  'no Docker engine',
  'no Docker image',
  'no ../shared data',
  'Prometheus 3 not available',
  'no OpenTelemetry Collector',
  'no Thanos',
  'no Mimir',
  'no docker compose',
  'no read-manifests',
  // A container may forbid what makes a machine harsh.
  'no user namespaces',
  'no mounts of our own',
  'no way to give up the power of root',
];

interface Outcome {
  passed: number;
  failures: string[];
  skips: { name: string; reason: string }[];
}

async function main(filters: string[]): Promise<number> {
  const vitest = await startVitest(filters, { watch: false, reporters: ['default'] });
  const modules = vitest.state.getTestModules();
  const outcome = judge(modules, vitest.state.getUnhandledErrors().length);
  await vitest.close();
  return report(outcome);
}

function judge(modules: readonly TestModule[], unhandledErrors: number): Outcome {
  const tests = modules.flatMap((module) => [...module.children.allTests()]);
  const inState = (state: string): TestCase[] => tests.filter((test) => test.result().state === state);
  const broken = modules.filter((module) => module.errors().length > 0).map((module) => `${module.relativeModuleId}: could not be run`);
  const suites = modules.flatMap((module) => [...module.children.allSuites()]).filter((suite) => suite.errors().length > 0);
  return {
    passed: inState('passed').length,
    failures: [
      ...inState('failed').map(nameOf),
      // A test that never ran, such as one behind a hook that threw, is not a test that passed.
      ...inState('pending').map((test) => `${nameOf(test)}: did not run`),
      ...broken,
      ...suites.map((suite) => `${suite.fullName}: a hook failed`),
      ...(unhandledErrors > 0 ? [`${unhandledErrors} unhandled errors`] : []),
    ],
    skips: inState('skipped').map((test) => ({ name: nameOf(test), reason: reasonOf(test) })),
  };
}

function report({ passed, failures, skips }: Outcome): number {
  const inCi = process.env.CI === 'true';
  const refused = inCi ? skips.filter(({ reason }) => !EXCUSED_IN_CI.some((excuse) => reason.startsWith(excuse))) : [];
  const failed = [...failures, ...refused.map(({ name }) => `${name}: skipped in CI`)];
  for (const { name, reason } of skips) say(`skipped: ${name}: ${reason}`);
  for (const name of failed) say(`FAILED: ${name}`);
  if (passed + failed.length === 0) say('No test was found.');
  say(`${passed} passed, ${failed.length} failed, ${skips.length - refused.length} skipped`);
  return failed.length > 0 || passed === 0 ? 1 : 0;
}

function nameOf(test: TestCase): string {
  return `${test.module.relativeModuleId} > ${test.fullName}`;
}

/** The reason given to `context.skip`, or that of the nearest `needs(…)` around the test. */
function reasonOf(test: TestCase): string {
  const result = test.result();
  if (result.state === 'skipped' && result.note) return result.note;
  for (let task: TestCase | TestSuite | TestModule = test; task.type !== 'module'; task = task.parent) {
    const { skipReason } = task.meta();
    if (skipReason) return skipReason;
  }
  return 'no reason given';
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}

process.exit(await main(process.argv.slice(2)));
