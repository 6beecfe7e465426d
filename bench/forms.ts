// A form that thousands open and send in the same minutes, over HTTP, in a separate process.
import { randomUUID } from 'node:crypto';
import { pool } from '@/lib/db/pool';
import { execute, one, sql } from '@/lib/db/sql';
import { formPath } from '@/lib/forms/address';
import { documentFrom } from '@/lib/forms/templates';
import { spawnTagwell } from '@/testing/process';
import { Connections } from './connections';
import type { World } from './generate';
import { percentile, type Line } from './measure';

const ROUNDS = 3;
const SECONDS = 5;
const CONNECTIONS = 100;
const CODE = 'benchbench';
const AGENT = 'user-agent: Mozilla/5.0 (X11; Linux x86_64) Chrome/141.0';

/** The page of a form, and submissions of it that come from many networks. */
export async function measureForms(url: string, { main: { sectionId } }: World): Promise<Line[]> {
  await published(sectionId);
  const server = await spawnTagwell({ DATABASE_URL: url, TAGWELL_SECRET: randomUUID(), TAGWELL_ROLE: 'api' });
  const connections = await Connections.open(server.address, CONNECTIONS);
  const path = formPath({ sectionId, code: CODE });
  let visitors = 0;
  const view = () => connections.send(`GET ${path} HTTP/1.1\r\nhost: bench\r\n${AGENT}\r\n\r\n`, 200);
  const submit = () => {
    const number = ++visitors;
    const body = `firstname=Anna&email=visitor${number}@example.com&company=Acme+${number}`;
    const from = `x-forwarded-for: ${10 + (number % 200)}.${(number >> 8) % 250}.${(number >> 16) % 250}.1`;
    const head = `content-type: application/x-www-form-urlencoded\r\ncontent-length: ${body.length}`;
    return connections.send(
      `POST ${path} HTTP/1.1\r\nhost: bench\r\n${AGENT}\r\n${from}\r\n${head}\r\n\r\n${body}`,
      303,
    );
  };
  try {
    return [
      await line('the page of a form', view, 5_000),
      await line('submissions of a form, each stored', submit, 1_000),
    ];
  } finally {
    connections.close();
    await server.stop();
  }
}

async function line(work: string, once: () => Promise<void>, goal: number): Promise<Line> {
  const rounds: { value: number }[] = [];
  for (let round = 0; round <= ROUNDS; round++) {
    const until = performance.now() + SECONDS * 1_000;
    let done = 0;
    const repeat = async () => {
      for (; performance.now() < until; done++) await once();
    };
    await Promise.all(Array.from({ length: CONNECTIONS }, repeat));
    if (round > 0) rounds.push({ value: done / SECONDS });
  }
  const value = percentile(
    rounds.map((each) => each.value),
    0.5,
  );
  return {
    work: `${work}, ${CONNECTIONS} keep-alive connections`,
    limit: null,
    value,
    unit: 'per s',
    ratio: null,
    goal: `at least ${goal.toLocaleString('en-GB')} per s`,
    met: value >= goal,
    rounds,
  };
}

async function published(sectionId: World['main']['sectionId']): Promise<void> {
  const now = new Date();
  const document = JSON.stringify(documentFrom('lead', { attributes: [], topics: [] }));
  const { id } = await one<{ id: number }>(
    pool(),
    sql`
      insert into form (section_id, code, name, name_key, document, version, open, created_at, changed_at, published_at)
      values (${sectionId}, ${CODE}, 'Bench', 'bench', ${document}, 1, true, ${now}, ${now}, ${now})
      returning id`,
  );
  await execute(
    pool(),
    sql`
      insert into form_version (section_id, form_id, version, document, created_at)
      values (${sectionId}, ${id}, 1, ${document}, ${now})`,
  );
}
