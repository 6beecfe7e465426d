// Tagwell as a separate process, for end-to-end tests and the benchmark.
import { spawn, type ChildProcess } from 'node:child_process';
import path from 'node:path';
import type { Writable } from 'node:stream';

const READY_MS = 60_000;
const NOTING = path.resolve('dist', 'testing', 'in-server.js');

export type TagwellProcess = {
  address: string;
  pid: number;
  /** Its output so far. */
  output: () => string;
  stop: () => Promise<void>;
};

/**
 * Starts Tagwell with additional environment variables; resolves once it is ready. Throws with its output if it does
 * not start.
 */
export async function spawnTagwell(
  env: Record<string, string>,
  { script = [path.join('dist', 'server', 'main.js')], log }: { script?: string[]; log?: Writable } = {},
): Promise<TagwellProcess> {
  const noting = process.env.TAGWELL_TEST_STATEMENTS ? ['--import', NOTING] : [];
  const child = spawn(process.execPath, [...script.slice(0, -1), ...noting, ...script.slice(-1)], {
    env: { ...process.env, NODE_ENV: 'production', HOST: '127.0.0.1', PORT: '0', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  if (log) {
    child.stdout.pipe(log);
    child.stderr.pipe(log);
  }
  let output = '';
  const keep = (chunk: Buffer) => (output += chunk.toString());
  child.stdout.on('data', keep);
  child.stderr.on('data', keep);
  const address = await readAddress(child, () => output);
  return {
    address,
    pid: child.pid!,
    output: () => output,
    stop: async () => {
      const ended = new Promise((resolve) => child.once('exit', resolve));
      child.kill('SIGTERM');
      await ended;
    },
  };
}

/** Starts a worker as a process of its own. It serves nothing, so there is no address to wait for. Its errors are written to ours. */
export const spawnWorker = (env: Record<string, string>): ChildProcess =>
  spawn(process.execPath, [path.join('dist', 'server', 'main.js')], {
    env: { ...process.env, NODE_ENV: 'production', TAGWELL_ROLE: 'worker', ...env },
    stdio: ['ignore', 'ignore', 'inherit'],
  });

function readAddress(child: ChildProcess, output: () => string): Promise<string> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`The server did not start: ${output()}`)), READY_MS);
    child.stdout?.on('data', () => {
      const address = /Tagwell is ready: (\S+)/.exec(output())?.[1];
      if (!address) return;
      clearTimeout(timer);
      resolve(address);
    });
    child.once('exit', () => reject(new Error(`The server ended: ${output()}`)));
  });
}
