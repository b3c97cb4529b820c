import { readFileSync } from 'node:fs';
import type { Server } from 'node:https';
import { followFile } from './access/follow-file.ts';
import type { Logger } from './log.ts';

/** A certificate and its key, in PEM files. */
export interface TlsFiles {
  cert: string;
  key: string;
}

export function readTls({ cert, key }: TlsFiles): { cert: Buffer; key: Buffer; minVersion: 'TLSv1.2' } {
  return { cert: readFileSync(cert), key: readFileSync(key), minVersion: 'TLSv1.2' };
}

/** Takes a new certificate when the files change; open connections go on with theirs. Gives back how to stop looking. */
export function followTls(server: Server, files: TlsFiles, log: Logger, checkMs?: number): () => void {
  const reread = () => {
    try {
      server.setSecureContext(readTls(files));
      log.info({ cert: files.cert }, 'certificate read again');
    } catch (error) {
      // Certificate and key are two files: between the two writes they do not fit.
      log.warn({ err: error }, 'the certificate cannot be used; the last good one stays');
    }
  };
  const stops = [files.cert, files.key].map((file) => followFile(file, reread, checkMs));
  return () => {
    for (const stop of stops) stop();
  };
}
