import { DatabaseSync } from 'node:sqlite';
import { parentPort, workerData } from 'node:worker_threads';
import { type Answered, type Asked, call, createQuestions } from './reader.ts';

/** A thread that reads the file of events; see {@link file://./reader.ts}. */
const database = new DatabaseSync(String(workerData), { readOnly: true, timeout: 5000 });
const questions = createQuestions(database);

parentPort?.on('message', (asked: Asked) => parentPort?.postMessage(answer(asked)));

function answer(asked: Asked): Answered {
  try {
    return { answer: call(questions, asked) };
  } catch (error) {
    return { error: error instanceof Error ? (error.stack ?? error.message) : String(error) };
  }
}
