// `npm run bench`: prepares a fresh machine, then runs bench/main.ts.
import { spawnSync } from 'node:child_process';
import { findBrowser } from './browser.mjs';
import { generateClient } from './prisma-client.mjs';
import { bundleServer } from './server-bundle.mjs';
import { buildApplication, installPackages, requireNode } from './steps.mjs';

requireNode();
installPackages();
generateClient();
await bundleServer();
buildApplication();
const browser = await findBrowser();
if (browser === null) console.error('No Chromium was found: leave out the part “browser” with --only.');
const env = { ...process.env, ...(browser && { TAGWELL_BROWSER: browser }) };
const command = ['--import', 'tsx', 'bench/main.ts', ...process.argv.slice(2)];
process.exit(spawnSync(process.execPath, command, { stdio: 'inherit', env }).status ?? 1);
