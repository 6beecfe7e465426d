// Finds a browser for the end-to-end tests, or installs one, and logs what it does.
import { execFile, spawnSync } from 'node:child_process';
import fs from 'node:fs';
import { promisify } from 'node:util';
import { quietly } from './steps.mjs';

/** It needs two thirds of the processor time of full Chromium. Playwright's own browser is one too. */
const SHELL = '/usr/bin/chromium-headless-shell';
const SYSTEM = [SHELL, '/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];

const NON_INTERACTIVE = { DEBIAN_FRONTEND: 'noninteractive' };
const INSTALL = ['install', '-y', '--no-install-recommends'];

const mayInstall = () => process.getuid?.() === 0 && fs.existsSync('/usr/bin/apt-get');

/**
 * Installs the headless shell in CI, whose machine is there for it; it takes seconds, beside other work. Without it the stories run
 * on what `findBrowser` finds.
 */
export async function prepareBrowser() {
  if (!process.env.CI || !mayInstall() || fs.existsSync(SHELL)) return;
  const aptGet = (...args) =>
    promisify(execFile)('apt-get', args, { env: { ...process.env, ...NON_INTERACTIVE }, timeout: 120_000 });
  try {
    await aptGet('update');
    // Never at the price of another package, such as a full Chromium of another version.
    await aptGet(...INSTALL, '--no-remove', 'chromium-headless-shell');
  } catch (error) {
    console.log(`The headless shell could not be installed: ${String(error.stderr || error.message).trim()}`);
  }
}

/** The path of a Chromium, undefined if Playwright has its own, or null if none can be found or installed. */
export async function findBrowser() {
  const { chromium } = await import('@playwright/test');
  if (fs.existsSync(chromium.executablePath())) return undefined;
  const system = () => SYSTEM.find((file) => fs.existsSync(file));
  if (system()) return system();
  if (spawnSync('npx', ['playwright', 'install', 'chromium'], { stdio: 'ignore', timeout: 120_000 }).status === 0)
    return undefined;
  if (mayInstall()) {
    quietly('Looking for Chromium in the distribution', 'apt-get', ['update'], NON_INTERACTIVE);
    for (const name of ['chromium-headless-shell', 'chromium']) {
      if (quietly(`Installing ${name}`, 'apt-get', [...INSTALL, name], NON_INTERACTIVE)) break;
    }
  }
  return system() ?? null;
}
