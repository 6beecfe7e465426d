// `npm start`: prepares a fresh machine, then starts the server. `npm run dev`: the same with live reload.
import { spawn } from 'node:child_process';
import path from 'node:path';
import { generateClient } from './prisma-client.mjs';
import { bundleServer } from './server-bundle.mjs';
import { buildApplication, installPackages, requireNode, root } from './steps.mjs';

const development = process.argv.includes('--dev');
const hasPages = !['worker', 'api'].includes(process.env.TAGWELL_ROLE);
/** How often to check that npm is still running, in milliseconds. */
const LOOK_EVERY = 250;

requireNode();
installPackages();
generateClient();
await bundleServer();
if (!development && hasPages) buildApplication();

const server = spawn(process.execPath, [path.join(root, 'dist', 'server', 'main.js')], {
  cwd: root,
  stdio: 'inherit',
  env: {
    // DNS look-ups block a thread each: calls to many hosts must not wait for slow name servers.
    UV_THREADPOOL_SIZE: '64',
    ...process.env,
    NODE_ENV: development ? 'development' : 'production',
  },
});
// The signal may reach only this process or the whole group (terminal, systemd): the server treats both as one.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
  process.on(signal, () => server.kill(signal === 'SIGHUP' ? 'SIGTERM' : signal));
}
// npm and its shell exit on a signal without passing it on.
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
