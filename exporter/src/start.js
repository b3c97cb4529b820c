// A file of plain JavaScript: one of TypeScript would have to be stripped before the cache is on, and that takes longer than all the rest.
import { enableCompileCache } from 'node:module';
import { setFlagsFromString } from 'node:v8';

enableCompileCache();
// Compiling with the last tier costs a third of a first scan, which is over before it pays. Only what runs on and on gets it.
setFlagsFromString('--invocation-count-for-turbofan=50000');
await import('./commands.ts');
