import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { makeStateDir } from '../state-dir.ts';
import type { Service } from './unit.ts';

/** What installing may do to the system, handed in so that it can be watched. */
export interface Hands {
  say(text: string): void;
  /** Runs a command; throws where it fails. */
  run(command: readonly string[]): void;
}

/** The system itself. */
export function realHands(say: (text: string) => void): Hands {
  return {
    say,
    run([program = '', ...args]) {
      execFileSync(program, args, { stdio: ['ignore', 'inherit', 'inherit'] });
    },
  };
}

/**
 * Says what will be done, and does it unless that was all that was asked for. Installed again it changes nothing but what differs, and
 * the service is started again only then.
 */
export function installService(service: Service, stateDir: string, onlyShow: boolean, hands: Hands): void {
  const there = existsSync(service.file) ? readFileSync(service.file, 'utf8') : undefined;
  if (there === service.content) {
    hands.say(`${service.file} is installed already, just so. Its log: ${service.log}\n`);
    return;
  }
  hands.say(
    `${there === undefined ? 'Writes' : 'Changes'} ${service.file}:\n\n${service.content}\nand runs:\n${listed(service.install)}\n`,
  );
  if (onlyShow) return;
  // A service may write only where it is told, and that has to be there before it starts.
  makeStateDir(stateDir);
  mkdirSync(dirname(service.file), { recursive: true });
  if (there !== undefined) attempt(service.uninstall, hands);
  writeFileSync(service.file, service.content, { mode: 0o600 });
  for (const command of service.install) hands.run(command);
  hands.say(`Installed. Its log: ${service.log}\n`);
}

/** Takes away what {@link installService} has made. What was counted stays. */
export function uninstallService(service: Service, onlyShow: boolean, hands: Hands): void {
  if (!existsSync(service.file)) {
    hands.say(`${service.file} is not there: nothing is installed.\n`);
    return;
  }
  hands.say(`Runs:\n${listed(service.uninstall)}\nand deletes ${service.file}. What was counted stays.\n`);
  if (onlyShow) return;
  attempt(service.uninstall, hands);
  rmSync(service.file);
  hands.say('Uninstalled.\n');
}

/** A service that is not running cannot be stopped, which is no reason to leave it there. */
function attempt(commands: readonly (readonly string[])[], hands: Hands): void {
  for (const command of commands) {
    try {
      hands.run(command);
    } catch (error) {
      hands.say(`  (${command.join(' ')}: ${error instanceof Error ? error.message : String(error)})\n`);
    }
  }
}

function listed(commands: readonly (readonly string[])[]): string {
  return commands.map((command) => `  ${command.join(' ')}\n`).join('');
}
