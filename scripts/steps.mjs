// Steps shared by `npm start` and `npm test`; each does nothing if its result is up to date.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';

export const root = path.resolve(import.meta.dirname, '..');
process.chdir(root);
process.env.NEXT_TELEMETRY_DISABLED = '1';

const BUILD_STAMP = path.join(root, '.next', 'tagwell-stamp');
const INSTALL_STAMP = path.join(root, 'node_modules', '.tagwell-stamp');
const BUILT_FROM = [
  'app',
  'components',
  'lib',
  'public',
  'instrumentation.ts',
  'server/request-errors.ts',
  'package-lock.json',
  'next.config.js',
  'postcss.config.mjs',
  'tsconfig.json',
];

/** Reports in one line that Node is too old, before anything fails obscurely. */
export function requireNode() {
  const [major, minor] = process.versions.node.split('.').map(Number);
  if (major > 20 || (major === 20 && minor >= 19)) return;
  console.error(`Tagwell needs Node 20.19 or newer; this is ${process.versions.node}.`);
  process.exit(1);
}

/** Runs a command quietly; shows its output only on failure. Returns whether it succeeded. */
export function quietly(label, command, args, env = {}) {
  console.log(`${label} …`);
  const { status, stdout, stderr, error } = spawnSync(command, args, {
    cwd: root,
    env: { ...process.env, ...env },
    encoding: 'utf8',
    maxBuffer: 64 * 1024 * 1024,
    shell: process.platform === 'win32',
  });
  if (status === 0) return true;
  console.error(stdout ?? '', stderr ?? '', error?.message ?? '');
  return false;
}

/** Installs packages if they are missing or package-lock.json has changed. */
export function installPackages() {
  const wanted = hashOf(['package-lock.json']);
  if (readStamp(INSTALL_STAMP) === wanted) return;
  // Not `npm ci`: it refuses a lock file that lacks the packages of other platforms.
  const flags = ['--no-save', '--no-audit', '--no-fund', '--include=dev'];
  const done = quietly('Installing packages (a few minutes the first time)', 'npm', ['install', ...flags]);
  if (!done) fail('The packages could not be installed: see above.');
  fs.writeFileSync(INSTALL_STAMP, wanted);
}

/** Builds the web application if it is missing or its sources have changed. */
export function buildApplication() {
  const wanted = hashOf(BUILT_FROM);
  if (readStamp(BUILD_STAMP) === wanted) return;
  fs.rmSync(BUILD_STAMP, { force: true });
  const next = path.join('node_modules', 'next', 'dist', 'bin', 'next');
  if (!quietly('Building', process.execPath, [next, 'build'])) fail('The build failed: see above.');
  fs.writeFileSync(BUILD_STAMP, wanted);
}

export function fail(message) {
  console.error(message);
  process.exit(1);
}

export function readStamp(file) {
  return fs.existsSync(file) ? fs.readFileSync(file, 'utf8') : null;
}

/** A hash of files and folders, without tests. */
export function hashOf(entries) {
  const hash = createHash('sha256');
  const add = (entry) => {
    const absolute = path.join(root, entry);
    if (!fs.existsSync(absolute)) return;
    if (fs.statSync(absolute).isDirectory()) {
      for (const name of fs.readdirSync(absolute).sort()) add(path.join(entry, name));
    } else if (!/\.test\.tsx?$/.test(entry)) {
      hash.update(entry).update(fs.readFileSync(absolute));
    }
  };
  entries.forEach(add);
  return hash.digest('hex');
}
