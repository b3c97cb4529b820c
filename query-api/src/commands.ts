import { spawnSync } from 'node:child_process';
import { hostname } from 'node:os';
import { Command, CommanderError } from 'commander';
import { openLogins } from './access/logins.ts';
import { loginFile, tokenFile } from './access/open.ts';
import { addToken, listTokens, removeToken } from './access/tokens.ts';
import { ROLES, readRole } from './access/users.ts';
import { ConfigError, options } from './config.ts';
import { installHooks, isThisMachine, settingsFile, snippet, uninstallHooks } from './hooks/settings.ts';

type Environment = Readonly<Record<string, string | undefined>>;

/** The words that are commands; anything else starts the API. */
const COMMANDS = ['token', 'login', 'hooks'];

/** Carries out a command, if the arguments begin with one. Prints with `print`, a line at a time. */
export async function runCommand(args: readonly string[], env: Environment, print: (line: string) => void): Promise<boolean> {
  if (!COMMANDS.includes(args[0] ?? '')) return false;
  const program = new Command('query-api').exitOverride().configureOutput({ outputError: () => {} });
  addTokenCommands(program, env, print);
  addLoginCommand(program, env, print);
  addHookCommands(program, env, print);
  try {
    await program.parseAsync(args, { from: 'user' });
  } catch (error) {
    if (error instanceof CommanderError && error.exitCode !== 0)
      throw new ConfigError(`${error.message.replace(/^error: /, '')}; --help lists what there is`);
    throw error;
  }
  return true;
}

function addTokenCommands(program: Command, env: Environment, print: (line: string) => void): void {
  const token = program.command('token').description('Bearer tokens of programs and people.');
  const file = (given: { stateDir?: string }) => tokenFile(stateDirectory(given, env));
  token
    .command('add <name>')
    .description('Makes a token and prints it, this once.')
    .requiredOption('--role <role>', `what it is good for: ${ROLES.join(', ')}`)
    .option('--state-dir <dir>', options.stateDirectory.help)
    .action((name: string, given: { role: string; stateDir?: string }) => {
      const role = readRole(given.role);
      if (role === undefined) throw new ConfigError(`--role: got ${JSON.stringify(given.role)}, wanted one of ${ROLES.join(', ')}`);
      print(orConfigError(() => addToken(file(given), name, role, new Date())));
    });
  token
    .command('list')
    .description('Names, roles and when they were made.')
    .option('--state-dir <dir>', options.stateDirectory.help)
    .action((given: { stateDir?: string }) => {
      for (const { name, role, created } of orConfigError(() => listTokens(file(given)))) print(`${name}\t${role}\t${created}`);
    });
  token
    .command('remove <name>')
    .description('Takes a token away; a running API knows within a second.')
    .option('--state-dir <dir>', options.stateDirectory.help)
    .action((name: string, given: { stateDir?: string }) => {
      if (!orConfigError(() => removeToken(file(given), name))) throw new ConfigError(`there is no token named ${name}`);
      print(`removed ${name}`);
    });
}

function addLoginCommand(program: Command, env: Environment, print: (line: string) => void): void {
  program
    .command('login')
    .description('Prints an address that logs a browser in, once, within five minutes.')
    .option('--role <role>', `what it is good for: ${ROLES.join(', ')}`, 'read')
    .option('--url <url>', 'address of the API', 'http://localhost:10055')
    .option('--state-dir <dir>', options.stateDirectory.help)
    .action((given: { role: string; url: string; stateDir?: string }) => {
      const role = readRole(given.role);
      if (role === undefined) throw new ConfigError(`--role: got ${JSON.stringify(given.role)}, wanted one of ${ROLES.join(', ')}`);
      const logins = openLogins(loginFile(stateDirectory(given, env)), Date.now);
      print(`${given.url.replace(/\/$/, '')}/auth/login#${logins.createCode({ name: 'login', role })}`);
      logins.close();
    });
}

function addHookCommands(program: Command, env: Environment, print: (line: string) => void): void {
  const hooks = program.command('hooks').description("Claude Code's hooks, which tell of tools and waiting as it happens.");
  const add = (name: string, description: string, act: (file: string, url: string, headerFile?: string) => string) =>
    hooks
      .command(name)
      .description(description)
      .option('--settings <file>', "Claude Code's settings", settingsFile(env))
      .option('--url <url>', 'address of the API', 'http://127.0.0.1:10055')
      .option('--header-file <file>', 'file with the line "Authorization: Bearer …", where the API wants users')
      .option('--source <name>', 'name of this machine, as the exporter has it', hostname())
      .option('--project-names <what>', 'name: the last part of the working directory; none: nothing, as the exporter tells it', 'name')
      .action((given: { settings: string; url: string; source: string; projectNames: string; headerFile?: string }) =>
        print(orConfigError(() => act(given.settings, hookUrl(given), given.headerFile))),
      );
  add('print', 'Prints what would be added to settings.json.', (_, url, headerFile) => JSON.stringify(snippet(url, headerFile), null, 2));
  add('install', 'Adds our hooks; those of others stay as they are.', (file, url, headerFile) => {
    if (!isThisMachine(url) && spawnSync('jq', ['--version']).status !== 0)
      throw new ConfigError('--url: another machine is sent names alone, which are picked out by jq; install that first');
    return installHooks(file, url, headerFile) ? `added to ${file}` : `${file} has them already`;
  });
  add('uninstall', 'Takes our hooks out again, and nothing else.', (file) =>
    uninstallHooks(file) ? `taken out of ${file}` : `${file} has none of ours`,
  );
}

function hookUrl({ url, source, projectNames: names }: { url: string; source: string; projectNames: string }): string {
  if (names !== 'name' && names !== 'none') throw new ConfigError(`--project-names: got ${JSON.stringify(names)}, wanted name or none`);
  const search = `source=${encodeURIComponent(source).replaceAll("'", '%27')}${names === 'none' ? '&projects=none' : ''}`;
  return `${url.replace(/\/$/, '')}/hooks?${search}`;
}

function stateDirectory(given: { stateDir?: string }, env: Environment): string {
  const { read, preset, wanted } = options.stateDirectory;
  const text = given.stateDir ?? env[options.stateDirectory.env] ?? preset;
  const directory = read(text);
  if (directory === undefined) throw new ConfigError(`--state-dir: got ${JSON.stringify(text)}, wanted ${wanted}`);
  return directory;
}

/** What the files say against it is for the one who typed the command. */
function orConfigError<Result>(work: () => Result): Result {
  try {
    return work();
  } catch (cause) {
    throw new ConfigError(cause instanceof Error ? cause.message : String(cause), { cause });
  }
}
