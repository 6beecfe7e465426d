// A workbook's sheet as CSV. It is read in a thread with a memory limit: a workbook that unpacks to too much ends the
// thread, not the process.
import path from 'node:path';
import { Worker } from 'node:worker_threads';
import { FileError } from './parse';

export type Sheet = { csv: Uint8Array; sheets: string[]; sheet: string };

const MEMORY_MB = 1_536;
const TIMEOUT_MS = 120_000;

type Answer = Sheet | { problem: string };

/** Reads a sheet (the first that has anything in it, unless chosen), each cell as the person sees it. */
export function readWorkbook(workbook: Uint8Array, sheet?: string, memoryMb = MEMORY_MB): Promise<Sheet> {
  const thread = new Worker(path.resolve('lib', 'imports', 'workbook-thread.mjs'), {
    workerData: { workbook, sheet },
    resourceLimits: { maxOldGenerationSizeMb: memoryMb },
  });
  return new Promise<Sheet>((resolve, reject) => {
    const timer = setTimeout(() => reject(new FileError(tooMuch)), TIMEOUT_MS);
    thread.once('message', (answer: Answer) => {
      if ('problem' in answer) reject(new FileError(answer.problem));
      else resolve(answer);
    });
    thread.once('error', (error: NodeJS.ErrnoException) =>
      reject(error.code === 'ERR_WORKER_OUT_OF_MEMORY' ? new FileError(tooMuch) : error),
    );
    thread.once('exit', () => clearTimeout(timer));
  }).finally(() => void thread.terminate());
}

const tooMuch = 'The workbook is too large to be read as it is. Save the sheet as CSV (UTF-8), and import that.';
