// `npm test`: types, lint, format, unit and integration tests on a real PostgreSQL, then the built application in a real browser.
// Continues after a failure, so that one run reports everything.
import { spawn, spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { installPackages, requireNode, root } from './steps.mjs';
import { findBrowser, prepareBrowser } from './browser.mjs';
import { generateClient } from './prisma-client.mjs';
import { bundleServer } from './server-bundle.mjs';

requireNode();
installPackages();
generateClient();
await bundleServer();

const bin = (name) => path.join(root, 'node_modules', '.bin', name);
const results = path.join(root, 'test-results');
fs.rmSync(results, { recursive: true, force: true });
fs.mkdirSync(results, { recursive: true });
const totals = { passed: 0, failed: 0 };

function step(name, command, args, env = {}) {
  console.log(`\n── ${name}`);
  const started = Date.now();
  const { status } = spawnSync(command, args, { cwd: root, stdio: 'inherit', env: { ...process.env, ...env } });
  console.log(`── ${name}: ${status === 0 ? 'passed' : 'FAILED'} in ${Math.round((Date.now() - started) / 1000)} s`);
  return status === 0;
}

function count(passed, failed) {
  totals.passed += passed;
  totals.failed += failed;
}

/**
 * Runs a check and prints its output in one piece, so that checks can run side by side; with `onFailure` only if it
 * failed. Returns whether it passed.
 */
async function check(name, command, args, { onFailure = false } = {}) {
  const started = Date.now();
  const child = spawn(command, args, { cwd: root, shell: process.platform === 'win32' });
  const output = [];
  child.stdout.on('data', (piece) => output.push(piece));
  child.stderr.on('data', (piece) => output.push(piece));
  const status = await new Promise((resolve) => child.on('error', resolve).on('close', resolve));
  const result = status === 0 ? 'passed' : 'FAILED';
  console.log(`\n── ${name}: ${result} in ${Math.round((Date.now() - started) / 1000)} s`);
  if (status !== 0 || !onFailure) process.stdout.write(Buffer.concat(output));
  if (status === 0) count(1, 0);
  else count(0, 1);
  return status === 0;
}

/** Adds a runner's counts; a runner that failed without a failed test counts as one failure. */
function countRunner(wentWell, file, read) {
  const { passed, failed } = fs.existsSync(file)
    ? read(JSON.parse(fs.readFileSync(file, 'utf8')))
    : { passed: 0, failed: 0 };
  count(passed, wentWell ? failed : Math.max(failed, 1));
}

const browserReady = prepareBrowser();
await check('types: routes', bin('next'), ['typegen']);
// The build runs after the type check, as both write to .next.
const lint = check('lint', bin('oxlint'), []);
const types = check('types', bin('tsc'), ['--noEmit']);
const build = types.then(() => check('build', process.execPath, [path.join('scripts', 'build.mjs')]));
// Compiles the stories for later: here there is a core to spare.
const listing = ['test', '--list', '--reporter=null'];
const loaded = types.then(() => check('stories load', bin('playwright'), listing, { onFailure: true }));
const format = check('format', bin('oxfmt'), ['--check']);
const [built] = await Promise.all([build, lint, format, loaded]);

const unitFile = path.join(results, 'unit.json');
const unit = step('unit and integration', bin('vitest'), [
  'run',
  '--reporter=default',
  '--reporter=json',
  `--outputFile=${unitFile}`,
]);
countRunner(unit, unitFile, (report) => ({ passed: report.numPassedTests, failed: report.numFailedTests }));

await browserReady;
const browser = built && (await findBrowser());
if (!built) {
  console.error('No end-to-end tests without a build: see above.');
} else if (browser === null) {
  console.error('No browser for the end-to-end tests: install Chromium, then run npm test again.');
  count(0, 1);
} else {
  const storyFile = path.join(root, 'test-results', 'stories.json');
  const stories = step('end to end', bin('playwright'), ['test'], {
    ...(browser && { TAGWELL_BROWSER: browser }),
  });
  countRunner(stories, storyFile, ({ stats }) => ({ passed: stats.expected + stats.flaky, failed: stats.unexpected }));
}

console.log(`\n${totals.passed} passed, ${totals.failed} failed`);
process.exit(totals.failed === 0 ? 0 : 1);
