import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { isProgram } from '../../deploy/local/command.ts';
import type { Tool } from '../tools/tools.ts';

type Build = 'collector' | 'prometheus' | 'compose' | 'kubernetes';

/** A program that `tests/native/build.sh` has built into the cache from what its folder says now. */
export function findBuilt(cache: string, build: Build, program: string): Tool {
  const path = join(cache, `native-${build}-${digest(build)}`, program);
  return isProgram(path) ? { path } : { missing: `no ${program}: \`tests/native/build.sh ${build}\` builds it with Go` };
}

function digest(build: Build): string {
  const folder = join(import.meta.dirname, build);
  const hash = createHash('sha256');
  for (const name of readdirSync(folder).sort()) hash.update(readFileSync(join(folder, name)));
  return hash.digest('hex').slice(0, 12);
}
