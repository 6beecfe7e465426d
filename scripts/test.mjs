// `npm test`: types, lint, format, unit and integration tests on a real PostgreSQL, then the built application in a real browser.
// Continues after a failure, so that one run reports everything.
import { spawn, spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { stripVTControlCharacters } from 'node:util';
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
/** What failed, with the first lines of why: said again at the end, as a log is often kept by its last lines only. */
const failures = [];

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
  if (status === 0) {
    count(1, 0);
  } else {
    count(0, 1);
    failures.push({ name, why: Buffer.concat(output).toString().trim() });
  }
  return status === 0;
}

/** Adds a runner's counts and failures; a runner that failed without a failed test counts as one failure. */
function countRunner(name, wentWell, file, read) {
  const report = fs.existsSync(file) && JSON.parse(fs.readFileSync(file, 'utf8'));
  const { passed, failed } = report ? read(report) : { passed: 0, failed: [] };
  if (!wentWell && failed.length === 0) failed.push({ name, why: 'it failed, but none of its tests did: see above' });
  count(passed, failed.length);
  failures.push(...failed);
}

/** A JSON report of Vitest: how many tests passed, and which failed (a file that does not load counts as one). */
function readUnit({ numPassedTests, testResults }) {
  const failed = testResults.flatMap(({ name, message, status, assertionResults }) => {
    const file = path.relative(root, name);
    const tests = assertionResults.filter((test) => test.status === 'failed');
    if (tests.length === 0 && status === 'failed') return [{ name: file, why: message }];
    return tests.map((test) => ({ name: `${file} › ${test.fullName}`, why: test.failureMessages.join('\n') }));
  });
  return { passed: numPassedTests, failed };
}

/** A JSON report of Playwright: how many stories passed, and which failed. */
function readStories({ stats, suites, errors }) {
  const specsOf = (suite) => [...suite.specs, ...(suite.suites ?? []).flatMap(specsOf)];
  const messages = (list) => list.map(({ message }) => message).join('\n');
  const failed = suites
    .flatMap(specsOf)
    .filter(({ tests }) => tests.some(({ status }) => status === 'unexpected'))
    .map(({ file, line, title, tests }) => ({
      name: `${file}:${line} › ${title}`,
      why: messages(tests.flatMap(({ results }) => results.flatMap((result) => result.errors))),
    }));
  if (errors.length > 0) failed.push({ name: 'end to end', why: messages(errors) });
  return { passed: stats.expected + stats.flaky, failed };
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
countRunner('unit and integration', unit, unitFile, readUnit);

await browserReady;
const browser = built && (await findBrowser());
if (!built) {
  console.error('No end-to-end tests without a build: see above.');
} else if (browser === null) {
  console.error('No browser for the end-to-end tests: install Chromium, then run npm test again.');
  count(0, 1);
  failures.push({ name: 'end to end', why: 'there is no browser' });
} else {
  const storyFile = path.join(root, 'test-results', 'stories.json');
  const stories = step('end to end', bin('playwright'), ['test'], {
    ...(browser && { TAGWELL_BROWSER: browser }),
  });
  countRunner('end to end', stories, storyFile, readStories);
}

for (const { name, why } of failures) {
  const lines = stripVTControlCharacters(why)
    .split('\n')
    .filter((line) => line.trim() !== '');
  console.log(`\nFAILED ${name}\n${lines.slice(0, 12).join('\n')}`);
}

console.log(`\n${totals.passed} passed, ${totals.failed} failed`);
process.exit(totals.failed === 0 ? 0 : 1);
