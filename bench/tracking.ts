// Links of a newsletter that are followed by thousands in the same minutes, over HTTP, in a separate process: each answer leads on, and each is counted.
import { EVERYONE } from '@/lib/audience/schema';
import { pool } from '@/lib/db/pool';
import { execute, one, rows, sql } from '@/lib/db/sql';
import { MessageSettingsSchema } from '@/lib/messages/schema';
import { messageToken } from '@/lib/messages/token';
import { spawnTagwell } from '@/testing/process';
import { Connections } from './connections';
import type { World } from './generate';
import { percentile, type Line } from './measure';

const ROUNDS = 3;
const SECONDS = 5;
const CONNECTIONS = 100;
const PEOPLE = 5_000;
const GOAL = 10_000;
const SECRET = 'a secret of the bench only, 32 or more';

/** Clicks on the links of one message by many people. */
export async function measureTracking(url: string, { main: { sectionId } }: World): Promise<Line[]> {
  const numbers = await sent(sectionId);
  const server = await spawnTagwell({ DATABASE_URL: url, TAGWELL_SECRET: SECRET, TAGWELL_ROLE: 'api' });
  const connections = await Connections.open(server.address, CONNECTIONS);
  const secret = process.env.NEXTAUTH_SECRET;
  process.env.NEXTAUTH_SECRET = SECRET;
  const requests = numbers.map((number) => {
    const token = messageToken('click', { sectionId, number, link: 0 });
    return `GET /c/${token} HTTP/1.1\r\nhost: bench\r\nuser-agent: Mozilla/5.0 (X11; Linux x86_64) Chrome/141.0\r\n\r\n`;
  });
  process.env.NEXTAUTH_SECRET = secret;
  try {
    const rounds: { value: number }[] = [];
    for (let round = 0; round <= ROUNDS; round++) {
      const until = performance.now() + SECONDS * 1_000;
      let done = 0;
      const follow = async () => {
        while (performance.now() < until) await connections.send(requests[done++ % requests.length]!, 302);
      };
      await Promise.all(Array.from({ length: CONNECTIONS }, follow));
      if (round > 0) rounds.push({ value: done / SECONDS });
    }
    const value = percentile(
      rounds.map((each) => each.value),
      0.5,
    );
    return [
      {
        work: `clicks on the links of a message, ${CONNECTIONS} keep-alive connections`,
        limit: null,
        value,
        unit: 'per s',
        ratio: null,
        goal: `at least ${GOAL.toLocaleString('en-GB')} per s`,
        met: value >= GOAL,
        rounds,
      },
    ];
  } finally {
    connections.close();
    await server.stop();
  }
}

/** A message that some people got: their numbers. */
async function sent(sectionId: World['main']['sectionId']): Promise<number[]> {
  const now = new Date();
  const [audience, settings] = [JSON.stringify(EVERYONE), JSON.stringify(MessageSettingsSchema.parse({}))];
  const content = JSON.stringify({ channel: 'email', document: { subject: [], preheader: [], blocks: [] } });
  const compiled = JSON.stringify({ links: [{ address: 'https://shop.example.com/autumn?x=1', place: 'Shop' }] });
  const message = await one<{ id: number }>(
    pool(),
    sql`
      insert into message (section_id, channel, kind, name, name_key, content, audience, settings, created_at, changed_at)
      values (${sectionId}, 'email', 'marketing', 'Bench', 'bench', ${content}, ${audience}, ${settings}, ${now}, ${now})
      returning id`,
  );
  await execute(
    pool(),
    sql`
      insert into message_version (section_id, message_id, version, content, compiled, created_at)
      values (${sectionId}, ${message.id}, 1, ${content}, ${compiled}, ${now})`,
  );
  const send = await one<{ id: number }>(
    pool(),
    sql`
      insert into send (section_id, message_id, version, status, wish, starts_at, sender_id, kind, audience, settings, created_at)
      values (${sectionId}, ${message.id}, 1, 'done', '{"when":"now"}', ${now}, 0, 'marketing', ${audience}, ${settings}, ${now})
      returning id`,
  );
  const made = await rows<{ number: number }>(
    pool(),
    sql`
      insert into recipient (section_id, send_id, profile_id, state, address, address_key, ended_at)
      select ${sectionId}::int, ${send.id}::int, id, 'sent', id || '@example.com', id || '@example.com', ${new Date(Date.now() - 3_600_000)}
      from profile where section_id = ${sectionId}
      order by id limit ${PEOPLE}
      returning number`,
  );
  return made.map(({ number }) => number);
}
