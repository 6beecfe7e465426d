// `npm run bench`: generates the data once, measures everything against its limits, prints a table and writes JSON.
// `npm run bench -- --profiles 20000`: a quick try; `-- --only pages,door`: some of the measurements.
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import pg from 'pg';
import type { UserActor } from '@/lib/access/actor';
import { closePool } from '@/lib/db/pool';
import type { AccountId } from '@/lib/db/ids';
import { measureApi, measureApiMemory } from './api';
import { measureAudience } from './audience';
import { measureBrowser } from './browser';
import { measureBulk } from './bulk';
import { measureImportMemory, measureImports } from './imports';
import { measureDoor } from './door';
import { measureFlows, measureFlowsBeside } from './flows';
import { measureForms } from './forms';
import type { World } from './generate';
import type { Line } from './measure';
import { measurePages } from './pages';
import { measureSegments } from './segments';
import { measureSending } from './sending';
import { measureSends } from './sends';
import { measureStartUp } from './start-up';
import { measureManySyncs, measureSyncs } from './syncs';
import { measureTracking } from './tracking';
import { openWorld } from './world';

const { values } = parseArgs({
  options: {
    profiles: { type: 'string', default: '1000000' },
    only: {
      type: 'string',
      default:
        'pages,browser,segments,audience,tracking,forms,flows,flows-beside,door,api,api-memory,bulk,imports,imports-memory,sync,sync-many,sends,sending,start-up',
    },
  },
});
const profiles = Number(values.profiles);
const parts = values.only.split(',');
const lines: Line[] = [];

function report(measured: Line[]): void {
  lines.push(...measured);
  for (const line of measured) console.log(tableRow(line));
}

function tableRow(line: Line): string {
  const amount = (value: number) =>
    line.unit === 'ms'
      ? `${value < 1_000 ? `${value.toFixed(0)} ms` : `${(value / 1_000).toFixed(2)} s`}`
      : line.unit === ''
        ? value.toLocaleString('en-GB', { maximumSignificantDigits: 3 })
        : `${Math.round(value).toLocaleString('en-GB')} ${line.unit}`;
  const limit = line.limit ? `${line.limit.what}: ${amount(line.limit.value)}` : '–';
  const ratio = line.ratio === null ? '–' : line.ratio.toFixed(2);
  return `| ${[line.work, limit, amount(line.value), ratio, line.goal, line.met ? 'met' : 'MISSED'].join(' | ')} |`;
}

function benchActor(world: World): UserActor {
  return {
    kind: 'user',
    userId: world.userId,
    accountId: 1 as AccountId,
    role: 'owner',
    name: 'Bench',
    email: 'bench@example.com',
    sections: 'all',
    from: { ip: null, userAgent: null },
  };
}

const withDatabase = (url: string, name: string) => url.replace(/\/tagwell$/, `/${name}`);

async function administer(url: string, ...statements: string[]): Promise<void> {
  const admin = new pg.Client(withDatabase(url, 'postgres'));
  await admin.connect();
  for (const statement of statements) await admin.query(statement);
  await admin.end();
}

async function main(): Promise<void> {
  const { dataDir, url, world, stop } = await openWorld(profiles);
  try {
    console.log('Copying the database…');
    // The measurements change a copy, so that every run starts with the same data.
    await administer(
      url,
      'drop database if exists bench_run',
      'create database bench_run template tagwell strategy file_copy',
    );
    const copy = withDatabase(url, 'bench_run');
    process.env.DATABASE_URL = copy;
    console.log('| work | limit | measured | ratio | goal | |\n| --- | --- | --- | --- | --- | --- |');
    if (parts.includes('pages')) report(await measurePages(copy, world));
    if (parts.includes('browser')) report(await measureBrowser(copy, world));
    if (parts.includes('segments')) report(await measureSegments(copy, world));
    if (parts.includes('audience')) report(await measureAudience(copy, world));
    if (parts.includes('tracking')) report(await measureTracking(copy, world));
    if (parts.includes('forms')) report(await measureForms(copy, world));
    if (parts.includes('flows')) report(await measureFlows(world, benchActor(world)));
    if (parts.includes('flows-beside')) report(await measureFlowsBeside(copy, world, benchActor(world)));
    if (parts.includes('door')) report(await measureDoor(copy, world));
    if (parts.includes('api')) report(await measureApi(copy, world, benchActor(world)));
    if (parts.includes('api-memory')) report(await measureApiMemory(copy, world, benchActor(world)));
    if (parts.includes('bulk')) report(await measureBulk(world, benchActor(world)));
    if (parts.includes('sync')) report(await measureSyncs(copy, world, benchActor(world)));
    if (parts.includes('sync-many')) report(await measureManySyncs(copy, world, benchActor(world)));
    if (parts.includes('sends')) report(await measureSends(copy, world, benchActor(world)));
    if (parts.includes('imports')) report(await measureImports(copy, world, benchActor(world)));
    if (parts.includes('imports-memory')) report(await measureImportMemory(copy, world, benchActor(world)));
  } finally {
    await closePool();
    await administer(url, 'drop database if exists bench_run with (force)');
    await stop();
  }
  if (parts.includes('sending')) report(await measureSending());
  if (parts.includes('start-up')) report([await measureStartUp(dataDir)]);
  const file = path.join('bench', 'results', `${new Date().toISOString().replaceAll(':', '-')}.json`);
  fs.mkdirSync(path.dirname(file), { recursive: true });
  const machine = { cpu: os.cpus()[0]?.model, cores: os.cpus().length, memory: os.totalmem(), node: process.version };
  fs.writeFileSync(file, JSON.stringify({ at: new Date(), profiles, machine, lines }, null, 2));
  console.log(`Written to ${file}`);
}

await main();
