// The benchmark's database: generated once, cached in .cache/bench, and regenerated when its sources change.
import { createHash } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import pg from 'pg';
import { startEmbedded } from '@/lib/db/embedded';
import { migrate } from '@/lib/db/migrate';
import { generate, type World } from './generate';

const MADE_FROM = ['bench/generate.ts', 'prisma/migrations'];

export type BenchDatabase = { dataDir: string; url: string; world: World; stop: () => Promise<void> };

/** Starts a server with the generated database, with every write as durable as in production. */
export async function openWorld(profiles: number): Promise<BenchDatabase> {
  const dataDir = path.resolve('.cache', 'bench', String(profiles));
  const file = path.join(dataDir, 'world.json');
  const wanted = fingerprint();
  const kept = fs.existsSync(file)
    ? (JSON.parse(fs.readFileSync(file, 'utf8')) as { made: string; world: World })
    : null;
  const world = kept?.made === wanted ? kept.world : await makeWorld(dataDir, profiles);
  fs.writeFileSync(file, JSON.stringify({ made: wanted, world }));
  const server = await startEmbedded({ dataDir });
  return { dataDir, url: server.url, world, stop: server.stop };
}

async function makeWorld(dataDir: string, profiles: number): Promise<World> {
  console.log(`Generating ${profiles.toLocaleString('en-GB')} profiles (once; some minutes at a million) …`);
  const began = Date.now();
  fs.rmSync(dataDir, { recursive: true, force: true });
  fs.mkdirSync(dataDir, { recursive: true });
  const server = await startEmbedded({ dataDir, fast: true });
  try {
    await migrate(server.url);
    const db = new pg.Client(server.url);
    await db.connect();
    const world = await generate(db, profiles);
    await db.query('checkpoint');
    await db.end();
    console.log(`Generated in ${Math.round((Date.now() - began) / 1000)} s`);
    return world;
  } finally {
    await server.stop();
  }
}

function fingerprint(): string {
  const hash = createHash('sha256');
  const add = (entry: string) => {
    if (fs.statSync(entry).isDirectory())
      fs.readdirSync(entry)
        .sort()
        .forEach((name) => add(path.join(entry, name)));
    else hash.update(entry).update(fs.readFileSync(entry));
  };
  MADE_FROM.forEach(add);
  return hash.digest('hex');
}
