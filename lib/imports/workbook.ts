// A workbook's sheet as CSV, read in a thread (workbook/thread.mjs) with limited memory and time, of which only a few
// run at once: a malicious file ends its thread, not the process.
import path from 'node:path';
import { Worker } from 'node:worker_threads';
import { refuse } from '@/lib/access/refusal';
import { semaphore, type Semaphore } from '@/lib/db/semaphore';
import { FileError } from './parse';
import { recognise, START_BYTES, type WorkbookKind } from './recognise';

export type Sheet = {
  /** The visible sheets with cells, and the one that is read. */
  sheets: string[];
  sheet: string;
  /** For each other sheet: which first lines of this sheet it also has. */
  alike: Record<string, number[]>;
  /** The number of rows hidden by a filter or by hand. */
  hiddenRows: number;
  /** The number of cells with a formula but no result in the file, and the row of the first. */
  noResult: { cells: number; row: number };
  /** The sheet's lines in UTF-8, produced on demand. Read them without delay: a thread waits, for at most `idleMs`. */
  csv: AsyncGenerator<Uint8Array>;
};

/**
 * `heapMb`: V8's part of a thread's memory; `workbook/limits.mjs` bounds the rest. `idleMs`: how long the reader may
 * stall.
 */
export type WorkbookLimits = { timeoutMs: number; heapMb: number; idleMs: number };

/** `who`: a person's or API key's workbooks are read one at a time. `signal`: aborted when the caller disconnects. */
export type Reader = { who?: string; signal?: AbortSignal };

const [HEAP_MB, IDLE_MS] = [512, 60_000];
const AT_ONCE = 2;
const WAITING_MAX = 6;
const WAITING_PER_PERSON_MAX = 2;

const reading = semaphore(AT_ONCE);
const readingOf = new Map<string, Semaphore>();
let inside = 0;

/** How long a thread may work on a workbook of this many bytes. Milliseconds. */
function timeFor(bytes: number): number {
  return Math.min(120_000, 30_000 + (bytes / 1_048_576) * 5_000);
}

type Answer = Omit<Sheet, 'csv'> | { piece: Uint8Array } | { end: true } | { problem: string };

/**
 * Reads a sheet: the chosen one, or the first visible one with several rows. Throws `FileError` if it cannot be read or
 * exceeds the limits, and refuses if too many are waiting. When the signal is aborted, the thread ends at once.
 */
export async function readWorkbook(
  bytes: Uint8Array,
  sheet?: string,
  { who, signal, ...limits }: Reader & Partial<WorkbookLimits> = {},
): Promise<Sheet> {
  const found = recognise(Buffer.from(bytes.subarray(0, START_BYTES)));
  if (found.is !== 'workbook') throw new FileError('This is not a workbook. Upload the file again.');
  const leave = await turnOf(who, signal);
  const limited = { timeoutMs: timeFor(bytes.length), heapMb: HEAP_MB, idleMs: IDLE_MS, ...limits };
  const thread = new Thread({ bytes, kind: found.kind, sheet }, limited, leave, signal);
  const first = await thread.next(false);
  if (!('sheets' in first)) throw new Error('The workbook thread did not begin with its sheets.');
  return { ...first, csv: thread.pieces() };
}

/**
 * Waits until this person has no other workbook running, and then for a thread. Returns the function that releases
 * both.
 */
async function turnOf(who: string | undefined, signal: AbortSignal | undefined): Promise<() => void> {
  const leaveOwn = who === undefined ? () => undefined : await ownTurn(who, signal);
  try {
    if (inside >= AT_ONCE + WAITING_MAX) {
      refuse('too_many_requests', 'Many workbooks are being read just now. Try again in a minute.');
    }
    inside++;
    const end = await take(reading, signal).catch((error: unknown) => {
      inside--;
      throw error;
    });
    return () => {
      inside--;
      end();
      leaveOwn();
    };
  } catch (error) {
    leaveOwn();
    throw error;
  }
}

async function ownTurn(who: string, signal: AbortSignal | undefined): Promise<() => void> {
  const own = readingOf.get(who) ?? semaphore(1);
  readingOf.set(who, own);
  if (own.waiting() >= WAITING_PER_PERSON_MAX) {
    refuse(
      'too_many_requests',
      'Your other workbooks are still being read. Wait until they have finished, then try again.',
    );
  }
  const leave = await take(own, signal);
  return () => {
    leave();
    if (own.idle()) readingOf.delete(who);
  };
}

function take(from: Semaphore, signal: AbortSignal | undefined): Promise<() => void> {
  return from.acquire(signal).catch(() => {
    throw new FileError(NOT_READ);
  });
}

class Thread {
  #worker: Worker;
  #limits: WorkbookLimits;
  #timeLeft: number;
  #idle: NodeJS.Timeout | undefined;
  #settle: ((outcome: Answer | Error) => void) | undefined;
  #ended: Error | undefined;
  #leave: () => void;
  #signal: AbortSignal | undefined;
  #giveUp = () => this.#end(new FileError(NOT_READ));

  constructor(
    workerData: { bytes: Uint8Array; kind: WorkbookKind; sheet?: string },
    limits: WorkbookLimits,
    leave: () => void,
    signal: AbortSignal | undefined,
  ) {
    this.#limits = limits;
    this.#timeLeft = limits.timeoutMs;
    this.#leave = leave;
    this.#signal = signal;
    this.#worker = new Worker(path.resolve('dist', 'workbook', 'thread.js'), {
      workerData,
      resourceLimits: { maxOldGenerationSizeMb: limits.heapMb },
    });
    this.#worker.on('message', (answer: Answer) =>
      this.#answer('problem' in answer ? new FileError(answer.problem) : answer),
    );
    this.#worker.on('error', (error: NodeJS.ErrnoException) =>
      this.#end(error.code === 'ERR_WORKER_OUT_OF_MEMORY' ? new FileError(TOO_MUCH) : error),
    );
    this.#worker.on('exit', () => this.#end(new FileError(TOO_MUCH)));
    signal?.addEventListener('abort', this.#giveUp, { once: true });
    if (signal?.aborted) this.#giveUp();
  }

  /** The thread's next answer; `ask` requests it if it is not sent unasked. Only the thread's own time counts. */
  async next(ask: boolean): Promise<Exclude<Answer, { problem: string }>> {
    clearTimeout(this.#idle);
    const started = performance.now();
    const timer = setTimeout(() => this.#end(new FileError(TOO_LONG)), this.#timeLeft);
    try {
      const answer = await new Promise<Answer | Error>((resolve) => {
        if (this.#ended) return resolve(this.#ended);
        this.#settle = resolve;
        if (ask) this.#worker.postMessage('next');
      });
      if (answer instanceof Error) {
        this.#end(answer);
        throw answer;
      }
      this.#idle = setTimeout(() => this.#end(new FileError(NOT_READ)), this.#limits.idleMs);
      return answer as Exclude<Answer, { problem: string }>;
    } finally {
      clearTimeout(timer);
      this.#timeLeft -= performance.now() - started;
    }
  }

  async *pieces(): AsyncGenerator<Uint8Array> {
    try {
      for (let answer = await this.next(true); 'piece' in answer; answer = await this.next(true)) yield answer.piece;
    } finally {
      this.#end(new FileError(NOT_READ));
    }
  }

  #answer(outcome: Answer | Error): void {
    const settle = this.#settle;
    this.#settle = undefined;
    settle?.(outcome);
  }

  /** Ends the thread; the next one starts once it has exited and freed its memory. */
  #end(error: Error): void {
    if (this.#ended) return;
    this.#ended = error;
    clearTimeout(this.#idle);
    this.#signal?.removeEventListener('abort', this.#giveUp);
    this.#answer(error);
    void this.#worker.terminate().finally(this.#leave);
  }
}

const TOO_MUCH = 'The workbook is too large to be read as it is. Save the sheet as CSV (UTF-8), and import that.';
const TOO_LONG = 'The workbook takes too long to read. Save the sheet as CSV (UTF-8), and import that.';
const NOT_READ = 'The workbook could not be read to the end. Upload it again.';
