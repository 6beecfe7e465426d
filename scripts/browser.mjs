// Finds a browser for the end-to-end tests, or installs one, and logs what it does.
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import { quietly } from './steps.mjs';

/** The headless shell comes first: it needs half the processor time of full Chromium. Playwright's own browser is one too. */
const SYSTEM = [
  '/usr/bin/chromium-headless-shell',
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
];

/** The path of a Chromium, undefined if Playwright has its own, or null if none can be found or installed. */
export async function findBrowser() {
  const { chromium } = await import('@playwright/test');
  if (fs.existsSync(chromium.executablePath())) return undefined;
  const system = () => SYSTEM.find((file) => fs.existsSync(file));
  if (system()) return system();
  if (spawnSync('npx', ['playwright', 'install', 'chromium'], { stdio: 'ignore', timeout: 120_000 }).status === 0)
    return undefined;
  if (process.getuid?.() === 0 && fs.existsSync('/usr/bin/apt-get')) {
    const env = { DEBIAN_FRONTEND: 'noninteractive' };
    quietly('Looking for Chromium in the distribution', 'apt-get', ['update'], env);
    for (const name of ['chromium-headless-shell', 'chromium']) {
      if (quietly(`Installing ${name}`, 'apt-get', ['install', '-y', '--no-install-recommends', name], env)) break;
    }
  }
  return system() ?? null;
}
