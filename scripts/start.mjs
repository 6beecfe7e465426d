// `npm start`: everything that a fresh machine needs, then the server. `npm run dev`: the same with live reload.
import { spawn } from 'node:child_process';
import path from 'node:path';
import { generateClient } from './prisma-client.mjs';
import { bundleServer } from './server-bundle.mjs';
import { buildApplication, installPackages, requireNode, root } from './steps.mjs';

const development = process.argv.includes('--dev');
const hasPages = !['worker', 'api'].includes(process.env.TAGWELL_ROLE);
/** How often to look whether npm is still there, in milliseconds. */
const LOOK_EVERY = 250;

requireNode();
installPackages();
generateClient();
bundleServer();
if (!development && hasPages) buildApplication();

const server = spawn(process.execPath, [path.join(root, 'dist', 'server', 'main.js')], {
  cwd: root,
  stdio: 'inherit',
  env: {
    // Looking up a host name takes a thread until the name server answers; calls to many hosts must not wait for slow ones.
    UV_THREADPOOL_SIZE: '64',
    ...process.env,
    NODE_ENV: development ? 'development' : 'production',
  },
});
// The signal may come to this process alone, or to all of them (a terminal, systemd): the server takes it as one.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
  process.on(signal, () => server.kill(signal === 'SIGHUP' ? 'SIGTERM' : signal));
}
// npm ends by a signal without passing it on, and its shell with it.
if (process.env.npm_lifecycle_event) {
  const parent = process.ppid;
  const watch = setInterval(() => {
    if (process.ppid === parent) return;
    clearInterval(watch);
    server.kill('SIGTERM');
  }, LOOK_EVERY);
  watch.unref();
}
server.on('exit', (code) => process.exit(code ?? 1));
