// Tagwell as a process of its own, for end-to-end tests and the bench.
import { spawn, type ChildProcess } from 'node:child_process';
import type { Writable } from 'node:stream';

const READY_MS = 60_000;

export type TagwellProcess = { address: string; stop: () => Promise<void> };

/** Starts Tagwell with an environment added to ours; resolves once it is ready. Throws with its output where it is not. */
export async function spawnTagwell(
  env: Record<string, string>,
  { script = ['--import', 'tsx', 'server/main.ts'], log }: { script?: string[]; log?: Writable } = {},
): Promise<TagwellProcess> {
  const child = spawn(process.execPath, script, {
    env: { ...process.env, NODE_ENV: 'production', HOST: '127.0.0.1', PORT: '0', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  if (log) {
    child.stdout.pipe(log);
    child.stderr.pipe(log);
  }
  const address = await readAddress(child);
  return {
    address,
    stop: async () => {
      const ended = new Promise((resolve) => child.once('exit', resolve));
      child.kill('SIGTERM');
      await ended;
    },
  };
}

function readAddress(child: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = '';
    const timer = setTimeout(() => reject(new Error(`The server did not start: ${text}`)), READY_MS);
    const read = (chunk: Buffer) => {
      text += chunk.toString();
      const address = /Tagwell is ready: (\S+)/.exec(text)?.[1];
      if (!address) return;
      clearTimeout(timer);
      resolve(address);
    };
    child.stdout?.on('data', read);
    child.stderr?.on('data', read);
    child.once('exit', () => reject(new Error(`The server ended: ${text}`)));
  });
}
