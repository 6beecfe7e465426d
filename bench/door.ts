// The door for a single change: 16 connections in Node against pgbench with the door's statement.
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import type { ProfileId, TagId } from '@/lib/db/ids';
import { transaction } from '@/lib/db/pool';
import { changeStatement, changeTags, wantedForOne, type Cause } from '@/lib/tags/change';
import type { World } from './generate';
import { relative, type Line } from './measure';

export const CONNECTIONS = 16;
export const SECONDS = 8;
const ROUNDS = 3;
/** Placeholders for the script's variables in the compiled statement: no id is negative. */
const PROFILE = -1 as ProfileId;
const TAG = -2 as TagId;

export async function measureDoor(url: string, world: World): Promise<Line[]> {
  if (!hasPgbench()) return [];
  const rounds: { value: number; limit: number }[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const limit = ratePgbench(url, world);
    rounds.push({ value: await rateOfDoor(world), limit });
  }
  const limit = 'pgbench with the same statement';
  return [
    relative(
      { work: `one tag on one profile, ${CONNECTIONS} connections`, unit: 'per s', limit, atLeast: 0.5 },
      rounds,
    ),
  ];
}

export const cause = ({ main }: World): Cause => ({ sectionId: main.sectionId, source: 'api', userId: null });

async function rateOfDoor(world: World): Promise<number> {
  const { profiles, tagIds } = world.main;
  const until = performance.now() + SECONDS * 1_000;
  let done = 0;
  const writer = async () => {
    while (performance.now() < until) {
      const profileId = (1 + Math.floor(Math.random() * profiles)) as ProfileId;
      const tagId = tagIds[Math.floor(Math.random() * tagIds.length)]!;
      await transaction((tx) => changeTags(tx, cause(world), wantedForOne(profileId, { apply: [tagId], remove: [] })));
      done++;
    }
  };
  await Promise.all(Array.from({ length: CONNECTIONS }, writer));
  return done / SECONDS;
}

/** Reports if pgbench is not installed. */
export function hasPgbench(): boolean {
  try {
    execFileSync('pgbench', ['--version'], { stdio: 'ignore' });
    return true;
  } catch {
    console.log('pgbench is not on this machine (Debian: postgresql-contrib): not measured.');
    return false;
  }
}

/** Transactions per second of pgbench with the door's statement. */
export const ratePgbench = (url: string, world: World): number => rateOfScript(url, pgbenchScript(world));

/** Transactions per second of pgbench with a script. */
export function rateOfScript(url: string, script: string): number {
  const file = path.join(os.tmpdir(), `tagwell-bench-${process.pid}.sql`);
  fs.writeFileSync(file, script);
  try {
    const options = ['-n', '-M', 'prepared', '-c', String(CONNECTIONS), '-j', '2', '-T', String(SECONDS), '-f', file];
    const output = execFileSync('pgbench', [...options, url], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
    return Number(/tps = ([\d.]+)/.exec(output)?.[1]);
  } finally {
    fs.rmSync(file, { force: true });
  }
}

function pgbenchScript(world: World): string {
  const { profiles, tagIds } = world.main;
  const { text, values } = changeStatement(cause(world), wantedForOne(PROFILE, { apply: [TAG], remove: [] })).compile();
  const statement = text.replace(/\$(\d+)/g, (_, number: string) => literal(values[Number(number) - 1]));
  return [
    `\\set profile random(1, ${profiles})`,
    `\\set tag random(${tagIds[0]}, ${tagIds.at(-1)})`,
    'begin;',
    `${statement.replace(/\s+/g, ' ').trim()};`,
    'commit;',
  ].join('\n');
}

function literal(value: unknown): string {
  if (value === PROFILE) return ':profile';
  if (value === null) return 'null';
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  if (value instanceof Date) return `'${value.toISOString()}'`;
  if (Array.isArray(value)) return value.length === 0 ? `'{}'` : 'array[:tag]';
  throw new Error(`No literal for ${JSON.stringify(value)}`);
}
