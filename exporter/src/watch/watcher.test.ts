import { appendFileSync, mkdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { responseText, SESSION, temporaryDirectory } from '../testing.ts';
import { transcriptRoot, walkTranscripts } from './transcripts.ts';
import { createWatcher } from './watcher.ts';

/** A configuration directory whose `projects` is a link to where the transcripts are, as people keep their dotfiles. */
function linkedDirectory(base: string, name: string) {
  mkdirSync(join(base, 'kept', 'harbour'), { recursive: true });
  mkdirSync(join(base, name));
  symlinkSync(join(base, 'kept'), join(base, name, 'projects'));
  return {
    claudeDir: join(base, name),
    transcript: join(base, name, 'projects', 'harbour', `${SESSION}.jsonl`),
    append: () => appendFileSync(join(base, 'kept', 'harbour', `${SESSION}.jsonl`), `${responseText()}\n`),
  };
}

test.each(['.claude', 'config'])('transcripts are found where projects of %s is a symbolic link', (name) => {
  using directory = temporaryDirectory();
  const { claudeDir, transcript, append } = linkedDirectory(directory.path, name);
  append();
  expect([...walkTranscripts(transcriptRoot(claudeDir), () => {})].map(({ path }) => path)).toEqual([transcript]);
});

test('a change behind a symbolic link is told, by the name that the sweep knows', async () => {
  using directory = temporaryDirectory();
  const { claudeDir, transcript, append } = linkedDirectory(directory.path, '.claude');
  const ready = Promise.withResolvers<void>();
  const changed = Promise.withResolvers<string>();
  const watcher = createWatcher([claudeDir], { onChange: changed.resolve, onReady: ready.resolve, onError: changed.reject });
  await ready.promise;
  append();
  expect(await changed.promise).toBe(transcript);
  await watcher.close();
});
