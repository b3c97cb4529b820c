import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Config } from '../config.ts';
import { exportKey, type KeyPlace, makeKey } from './sign.ts';

/** Where a command says what it has to say: results on stdout, everything for a person on stderr. */
export interface Outputs {
  result(line: string): void;
  say(line: string): void;
}

/** The places where the key of this exporter may be. */
export function keyPlaceOf({ stateDir }: Pick<Config, 'stateDir'>, env: Record<string, string | undefined>): KeyPlace {
  return { file: join(stateDir, 'key.pem'), variable: env.CCMETER_PRIVATE_KEY };
}

/** `exporter init`: makes the directory and the key, and prints what the query API has to be told. Done again it changes nothing. */
export function initialize(config: Pick<Config, 'stateDir' | 'host'>, place: KeyPlace, force: boolean, { result, say }: Outputs): void {
  const there = existsSync(place.file);
  if (!there || force) makeKey(place.file);
  say(there && !force ? `There is a key at ${place.file}.` : `Made a key: ${place.file}, readable by you alone.`);
  if (place.variable) say('CCMETER_PRIVATE_KEY is set and goes before it.');
  say(`Tell the query API whose it is: npm run api -- --source-key followed by`);
  result(`${config.host}=${exportKey(place).publicKey}`);
}

/** `exporter export-key`: prints the key and nothing else, so that it can be handed to a job of CI as a secret. */
export function printKey(place: KeyPlace, onlyPublic: boolean, { result }: Outputs): void {
  const { privateKey, publicKey } = exportKey(place);
  result(onlyPublic ? publicKey : privateKey);
}
