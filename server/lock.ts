// One Tagwell per data folder. The lock is a socket in the folder: the operating system releases it however the process ends, so no
// process ids have to be trusted. A second start asks the first for its address.
import { createHash } from 'node:crypto';
import fs from 'node:fs';
import net from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { createDataFolder } from '@/lib/db/embedded';

/** The holder of a folder. `address` is empty until it accepts requests. */
export type Holder = { pid: number; address: string };

export type FolderLock = {
  /** Publishes this process's address to later starts. */
  announce: (address: string) => void;
  release: () => Promise<void>;
};

/** Paths of sockets are short: 104 bytes on macOS, 108 on Linux. */
const PATH_MAX = 100;
const ANSWER_MS = 2_000;
/** Errors of file systems without sockets; the other path is used then. */
const NO_SOCKETS = ['ENOTSUP', 'EOPNOTSUPP', 'EPERM', 'EINVAL', 'ENOSYS'];

/**
 * Locks a data folder, or returns its holder. Of concurrent calls, one succeeds. Throws `EmbeddedServerError` if the folder cannot
 * be created.
 */
export async function takeFolder(dataDir: string): Promise<FolderLock | { holder: Holder }> {
  createDataFolder(dataDir);
  const mine: Holder = { pid: process.pid, address: '' };
  const folder = fs.realpathSync(dataDir);
  const servers: net.Server[] = [];
  const release = async () => {
    for (const server of servers.splice(0).reverse()) await new Promise((resolve) => server.close(resolve));
  };
  for (const place of lockPaths(folder)) {
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

/** Listens on a path, or returns the process that does. */
async function take(server: net.Server, place: string): Promise<Holder | undefined> {
  while (!(await listens(server, place))) {
    const stale = identityOf(place);
    const holder = await ask(place);
    if (holder) return holder;
    // Nobody listens: the process died and left its socket, or it is a lock file of an earlier version.
    if (stale !== undefined && identityOf(place) === stale) fs.rmSync(place, { force: true });
  }
  return undefined;
}

/** Identifies the file that is there now: an inode number may be reused, but not with the same change time. */
function identityOf(place: string): string | undefined {
  if (place.startsWith('\0')) return undefined;
  const found = fs.statSync(place, { bigint: true, throwIfNoEntry: false });
  return found && `${found.ino} ${found.ctimeNs}`;
}

/**
 * Where to listen, in order. On Linux first on an abstract name, which no process can leave behind, so that of concurrent starts
 * only one continues. Then in the folder itself, so that containers that share it see each other.
 */
function lockPaths(folder: string): string[] {
  const name = `tagwell-${createHash('sha256').update(folder).digest('hex').slice(0, 16)}`;
  if (process.platform === 'win32') return [`\\\\?\\pipe\\${name}`];
  const inside = path.join(folder, 'tagwell.lock');
  const file = Buffer.byteLength(inside) <= PATH_MAX ? inside : path.join(os.tmpdir(), `${name}.lock`);
  return process.platform === 'linux' ? [`\0${name}`, file] : [file];
}

/** Whether the server listens now, or need not; false if the path is taken. Rejects if listening there is impossible. */
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

/** The answer of the process that listens there; undefined if there is none. */
function ask(place: string): Promise<Holder | undefined> {
  return new Promise((resolve) => {
    const socket = net.connect(place);
    let answer = '';
    const silent = setTimeout(() => socket.destroy(), ANSWER_MS);
    let connected = false;
    socket.setEncoding('utf8').on('data', (part: string) => (answer += part));
    socket.on('connect', () => (connected = true));
    socket.on('error', () => undefined);
    // The last event of every socket.
    socket.on('close', () => {
      clearTimeout(silent);
      resolve(connected ? parseHolder(answer) : undefined);
    });
  });
}

/** Somebody listens, so the folder is held, even if the answer is truncated. */
function parseHolder(answer: string): Holder {
  try {
    return JSON.parse(answer) as Holder;
  } catch {
    return { pid: 0, address: '' };
  }
}
