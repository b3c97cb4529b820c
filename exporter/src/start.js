// A file of plain JavaScript: one of TypeScript would have to be stripped before the cache is on, and that takes longer than all the rest.
import { enableCompileCache } from 'node:module';

enableCompileCache();
await import('./commands.ts');
