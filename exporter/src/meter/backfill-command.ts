import { setTimeout as sleep } from 'node:timers/promises';
import { type Config, ConfigError } from '../config.ts';
import { type BackfillProgress, type BackfillSink, backfill } from './backfill.ts';
import { openChangeLog, toWriteSeries } from './change-log.ts';
import { type OtlpSettings, readOtlpSettings } from './otlp-settings.ts';
import { postSamples, shownUrl } from './write-client.ts';

/** Where the command speaks to a person: a line, and one that is written over on a terminal. */
export interface Voice {
  isTerminal: boolean;
  write(text: string): void;
}

/** Elsewhere than on a terminal progress is told so often. */
const PLAIN_INTERVAL_MS = 10_000;
const TERMINAL_INTERVAL_MS = 100;

/** `exporter backfill`: the whole change log once more, to remote write, to OTLP, or both. False where something was refused or it was stopped. */
export async function runBackfill(
  config: Config,
  env: Record<string, string | undefined>,
  again: boolean,
  voice: Voice,
  stopped: AbortSignal,
): Promise<boolean> {
  const otlp = readOtlpSettings(env);
  if (otlp !== undefined && 'mistake' in otlp) throw new ConfigError(otlp.mistake);
  if (config.remoteWriteUrl === undefined && otlp === undefined)
    throw new ConfigError('backfill has nowhere to write to; it wants --remote-write-url, or OTEL_EXPORTER_OTLP_ENDPOINT for OTLP');
  const log = openChangeLog(config.stateDir);
  const { stateDir } = config;
  const pause = (ms: number) =>
    sleep(ms, undefined, { signal: stopped }).then(
      () => {},
      () => {},
    );
  let well = true;
  try {
    for await (const sink of sinksOf(config, otlp, log)) {
      const progress = createProgress(voice, sink.shown);
      const result = await backfill({ log, sink, stateDir, again, onProgress: progress.show, sleep: pause, stopped });
      progress.end(result, stopped.aborted);
      well &&= result.refused === 0 && !stopped.aborted;
    }
  } finally {
    log.close();
  }
  return well;
}

async function* sinksOf(
  { remoteWriteUrl, remoteWriteHeaders, remoteWriteId }: Config,
  otlp: OtlpSettings | undefined,
  log: ReturnType<typeof openChangeLog>,
): AsyncGenerator<BackfillSink> {
  if (remoteWriteUrl !== undefined) {
    const target = { url: remoteWriteUrl, headers: remoteWriteHeaders, fetch };
    yield {
      name: `${remoteWriteUrl} ${remoteWriteId}`,
      shown: shownUrl(remoteWriteUrl),
      write: (samples) => postSamples(target, toWriteSeries(samples, log)),
    };
  }
  if (otlp === undefined) return;
  // The packages of OpenTelemetry take a third of a second to load.
  const { createOtlpLog } = await import('./otlp-log.ts');
  const sink = createOtlpLog(log);
  try {
    yield { name: otlp.sink, shown: `OTLP ${otlp.shown}`, write: sink.write };
  } finally {
    await sink.close();
  }
}

function createProgress(voice: Voice, sink: string) {
  const begun = performance.now();
  let shownAt = begun - TERMINAL_INTERVAL_MS;
  const count = (value: number) => value.toLocaleString('en');
  const clear = voice.isTerminal ? '\r\x1b[K' : '';
  return {
    show({ total, before, written, refused }: BackfillProgress): void {
      const now = performance.now();
      if (now - shownAt < (voice.isTerminal ? TERMINAL_INTERVAL_MS : PLAIN_INTERVAL_MS)) return;
      shownAt = now;
      const done = before + written + refused;
      const rate = (written + refused) / Math.max(now - begun, 1);
      const left = rate === 0 ? '' : `, ${Math.ceil((total - done) / rate / 1000)} s left`;
      voice.write(`${clear}${sink}: ${count(done)} of ${count(total)} samples${left}${voice.isTerminal ? '' : '\n'}`);
    },
    end({ total, before, written, refused }: BackfillProgress, stopped: boolean): void {
      const seconds = ((performance.now() - begun) / 1000).toFixed(1);
      const parts = [
        `${count(written)} samples written in ${seconds} s`,
        ...(before > 0 ? [`${count(before)} were there from before`] : []),
        ...(refused > 0 ? [`${count(refused)} refused`] : []),
        ...(stopped ? [`stopped at ${count(before + written + refused)} of ${count(total)}: the same command goes on from there`] : []),
      ];
      voice.write(`${clear}${sink}: ${parts.join('; ')}\n`);
    },
  };
}
