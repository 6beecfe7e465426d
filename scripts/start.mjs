// `npm start`: everything that a fresh machine needs, then the server. `npm run dev`: the same with live reload.
import { spawn } from 'node:child_process';
import path from 'node:path';
import { buildApplication, installPackages, requireNode, root } from './steps.mjs';

const development = process.argv.includes('--dev');

requireNode();
installPackages();
if (!development && process.env.TAGWELL_ROLE !== 'worker') buildApplication();

const server = spawn(process.execPath, ['--import', 'tsx', path.join(root, 'server', 'main.ts')], {
  cwd: root,
  stdio: 'inherit',
  env: { ...process.env, NODE_ENV: development ? 'development' : 'production' },
});
// The terminal sends Ctrl-C to both; others (systemd, kill) only to this process.
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => signal === 'SIGTERM' && server.kill(signal));
server.on('exit', (code) => process.exit(code ?? 1));
