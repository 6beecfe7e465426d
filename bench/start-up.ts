// From `npm start` on an existing database to the first page.
import { spawnTagwell } from '@/testing/process';
import { absolute, timed, type Line } from './measure';

const ROUNDS = 3;
const GOAL_MS = 5_000;

/** The data folder's own server must be stopped. */
export async function measureStartUp(dataDir: string): Promise<Line> {
  const times: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    let stop = async () => {};
    times.push(
      await timed(async () => {
        const env = { TAGWELL_DATA_DIR: dataDir, DATABASE_URL: '' };
        const server = await spawnTagwell(env, { script: ['scripts/start.mjs'] });
        stop = server.stop;
        const answer = await fetch(`${server.address}/sign-in`);
        if (!answer.ok) throw new Error(`The first page answered ${answer.status}`);
        await answer.arrayBuffer();
      }),
    );
    await stop();
  }
  return absolute('start with an existing database, to the first page', times, GOAL_MS, 0.5);
}
