// One Tagwell per data folder. The lock is a socket in the folder on which the process listens: the system gives it back when
// the process ends, however it ends, so no process number has to be believed. A second start asks the first where it is.
import { createHash } from 'node:crypto';
import fs from 'node:fs';
import net from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { makeDataFolder } from '@/lib/db/embedded';

/** Who has a folder. `address` is empty until it can be opened. */
export type Holder = { pid: number; address: string };

export type FolderLock = {
  /** Tells later starts where this process can be reached. */
  announce: (address: string) => void;
  release: () => Promise<void>;
};

/** Paths of sockets are short: 104 bytes on macOS, 108 on Linux. */
const PATH_MAX = 100;
const ANSWER_MS = 2_000;
/** Some file systems have no sockets; the other place has to do then. */
const NO_SOCKETS = ['ENOTSUP', 'EOPNOTSUPP', 'EPERM', 'EINVAL', 'ENOSYS'];

/** Takes a data folder, or returns who has it. Of several at once, one gets it. Throws `EmbeddedServerError` if it cannot be made. */
export async function takeFolder(dataDir: string): Promise<FolderLock | { holder: Holder }> {
  makeDataFolder(dataDir);
  const mine: Holder = { pid: process.pid, address: '' };
  const folder = fs.realpathSync(dataDir);
  const servers: net.Server[] = [];
  const release = async () => {
    for (const server of servers.splice(0).reverse()) await new Promise((resolve) => server.close(resolve));
  };
  for (const place of placesOf(folder)) {
    const server = net.createServer((socket) => {
      socket.on('error', () => undefined);
      socket.end(JSON.stringify(mine));
    });
    const holder = await take(server, place);
    if (holder) {
      await release();
      return { holder };
    }
    server.unref();
    servers.push(server);
  }
  return { announce: (address) => void (mine.address = address), release };
}

/** Listens on a path, or returns who does. */
async function take(server: net.Server, place: string): Promise<Holder | undefined> {
  while (!(await listens(server, place))) {
    const stale = identityOf(place);
    const holder = await ask(place);
    if (holder) return holder;
    // Nobody listens there: a process died with it, or it is a file of an earlier version.
    if (stale !== undefined && identityOf(place) === stale) fs.rmSync(place, { force: true });
  }
  return undefined;
}

/** Which file is there now: its number may be given to the next file, the time of its last change is not. */
function identityOf(place: string): string | undefined {
  if (place.startsWith('\0')) return undefined;
  const found = fs.statSync(place, { bigint: true, throwIfNoEntry: false });
  return found && `${found.ino} ${found.ctimeNs}`;
}

/**
 * Where to listen, in this order. On Linux first on a name that is in no folder, which no process can leave behind, so that of
 * several starts one goes on to the rest. Then in the folder itself, so that containers that share it see each other.
 */
function placesOf(folder: string): string[] {
  const name = `tagwell-${createHash('sha256').update(folder).digest('hex').slice(0, 16)}`;
  if (process.platform === 'win32') return [`\\\\?\\pipe\\${name}`];
  const inside = path.join(folder, 'tagwell.lock');
  const file = Buffer.byteLength(inside) <= PATH_MAX ? inside : path.join(os.tmpdir(), `${name}.lock`);
  return process.platform === 'linux' ? [`\0${name}`, file] : [file];
}

/** Whether the server listens now, or need not; false if the path is taken. Rejects if it cannot listen there. */
function listens(server: net.Server, place: string): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const failed = (error: NodeJS.ErrnoException) => {
      if (error.code === 'EADDRINUSE') resolve(false);
      else if (NO_SOCKETS.includes(error.code ?? '')) resolve(true);
      else reject(error);
    };
    server.once('error', failed);
    server.listen(place, () => {
      server.off('error', failed);
      resolve(true);
    });
  });
}

/** What the process that listens there says; undefined if no process does. */
function ask(place: string): Promise<Holder | undefined> {
  return new Promise((resolve) => {
    const socket = net.connect(place);
    let answer = '';
    const silent = setTimeout(() => socket.destroy(), ANSWER_MS);
    let connected = false;
    socket.setEncoding('utf8').on('data', (part: string) => (answer += part));
    socket.on('connect', () => (connected = true));
    socket.on('error', () => undefined);
    // Follows every end of a socket, good or bad.
    socket.on('close', () => {
      clearTimeout(silent);
      resolve(connected ? parseHolder(answer) : undefined);
    });
  });
}

/** Somebody listens, so somebody has it: also where the answer is cut short. */
function parseHolder(answer: string): Holder {
  try {
    return JSON.parse(answer) as Holder;
  } catch {
    return { pid: 0, address: '' };
  }
}
