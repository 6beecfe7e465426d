// A form that thousands open and send in the same minutes, over HTTP, in a separate process.
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { setTimeout } from 'node:timers/promises';
import { pool } from '@/lib/db/pool';
import type { FormId, SectionId } from '@/lib/db/ids';
import { execute, one, sql, type Sql } from '@/lib/db/sql';
import { insertStatement } from '@/lib/forms/accept';
import { formPath } from '@/lib/forms/address';
import type { FormDocument } from '@/lib/forms/schema';
import { documentFrom } from '@/lib/forms/templates';
import { FIELDS } from '@/lib/forms/render';
import { spawnTagwell, spawnWorker } from '@/testing/process';
import { Connections } from './connections';
import type { World } from './generate';
import { hasPgbench, rateOfScript } from './door';
import { absolute, percentile, relative, type Line } from './measure';

const ROUNDS = 3;
const SECONDS = 5;
const CONNECTIONS = 100;
type FormOf = { sectionId: SectionId; formId: FormId };

/** The rush: how many a second, for how many seconds. */
const RUSH = { rate: 1_000, seconds: 60 };
/** How long the worker may still need afterwards, in milliseconds, before what is not applied counts as lost. */
const SETTLED_WITHIN_MS = 600_000;
const CODE = 'benchbench';
const AGENT = 'user-agent: Mozilla/5.0 (X11; Linux x86_64) Chrome/141.0';

/** The page of a form, and submissions of it that come from many networks. */
export async function measureForms(url: string, { main: { sectionId } }: World): Promise<Line[]> {
  const formId = await published(sectionId);
  const server = await spawnTagwell({ DATABASE_URL: url, TAGWELL_SECRET: randomUUID(), TAGWELL_ROLE: 'api' });
  const connections = await Connections.open(server.address, CONNECTIONS);
  const path = formPath({ sectionId, code: CODE });
  // As of a visitor whose browser showed the form. What comes without it in such numbers is taken for spam.
  const shown = await (await fetch(`${server.address}${path}`, { headers: { 'user-agent': AGENT.slice(12) } })).text();
  const mark = new RegExp(`name="${FIELDS.token}" value="([^"]+)"`).exec(shown)![1]!;
  let visitors = 0;
  const view = () => connections.send(`GET ${path} HTTP/1.1\r\nhost: bench\r\n${AGENT}\r\n\r\n`, 200);
  const submit = () => {
    const number = ++visitors;
    const body = `firstname=Anna&email=visitor${number}@example.com&company=Acme+${number}&${FIELDS.token}=${mark}`;
    const from = `x-forwarded-for: ${10 + (number % 200)}.${(number >> 8) % 250}.${(number >> 16) % 250}.1`;
    const head = `content-type: application/x-www-form-urlencoded\r\ncontent-length: ${body.length}`;
    return connections.send(
      `POST ${path} HTTP/1.1\r\nhost: bench\r\n${AGENT}\r\n${from}\r\n${head}\r\n\r\n${body}`,
      303,
    );
  };
  try {
    return [
      // First, as the others leave behind what is not applied.
      ...(await rush(url, { sectionId, formId }, submit)),
      await line('the page of a form', view, 5_000),
      await line('submissions of a form, each stored', submit, 1_000),
      ...(hasPgbench() ? [await againstPgbench(url, script(sectionId, formId), submit)] : []),
    ];
  } finally {
    connections.close();
    await server.stop();
  }
}

async function rateOf(once: () => Promise<void>): Promise<number> {
  const until = performance.now() + SECONDS * 1_000;
  let done = 0;
  const repeat = async () => {
    for (; performance.now() < until; done++) await once();
  };
  await Promise.all(Array.from({ length: CONNECTIONS }, repeat));
  return done / SECONDS;
}

async function line(work: string, once: () => Promise<void>, goal: number): Promise<Line> {
  const rounds: { value: number }[] = [];
  for (let round = 0; round <= ROUNDS; round++) {
    const value = await rateOf(once);
    if (round > 0) rounds.push({ value });
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

/**
 * As many a second as the goal says, for a minute, while a worker applies them: sent by the clock, not as fast as answers come. What
 * was answered has to be stored, and applied when the worker has nothing left.
 */
async function rush(url: string, form: FormOf, submit: () => Promise<void>): Promise<Line[]> {
  const total = RUSH.rate * RUSH.seconds;
  const worker = spawnWorker({ DATABASE_URL: url, TAGWELL_SECRET: randomUUID() });
  try {
    const began = performance.now();
    const answered: number[] = [];
    let next = 0;
    const repeat = async () => {
      for (let number = next++; number < total; number = next++) {
        const due = began + (number * 1_000) / RUSH.rate;
        const early = due - performance.now();
        if (early > 1) await setTimeout(early);
        await submit();
        answered.push(performance.now() - due);
      }
    };
    await Promise.all(Array.from({ length: CONNECTIONS }, repeat));
    const rate = (total * 1_000) / (performance.now() - began);
    const until = performance.now() + SETTLED_WITHIN_MS;
    while (performance.now() < until && (await numberIn(form, 'received')) > 0) await setTimeout(500);
    const done = await numberIn(form, 'done');
    const per = (performance.now() - began) / 1_000;
    const work = `${total.toLocaleString('en-GB')} submissions in ${RUSH.seconds} s`;
    const line = { work, limit: null, ratio: null, unit: 'per s' as const };
    const atLeast = RUSH.rate * 0.99;
    return [
      {
        ...line,
        work: `${work}: lost`,
        unit: '',
        value: total - done,
        goal: 'none',
        met: done === total,
        rounds: [],
      },
      {
        ...line,
        work: `${work}: answered`,
        value: rate,
        goal: `at least ${atLeast} per s`,
        met: rate >= atLeast,
        rounds: [],
      },
      absolute(`${work}: answer after its time`, answered, 1_000),
      { ...line, work: `${work}: applied`, value: done / per, goal: '–', met: true, rounds: [] },
    ];
  } finally {
    const ended = once(worker, 'exit');
    worker.kill('SIGTERM');
    await ended;
  }
}

async function numberIn({ sectionId, formId }: FormOf, state: string): Promise<number> {
  const { number } = await one<{ number: number }>(
    pool(),
    sql`
      select count(*)::int as number from form_submission
      where section_id = ${sectionId} and form_id = ${formId} and state = ${state}`,
  );
  return number;
}

/** Submissions against pgbench with their statements, alternating. */
async function againstPgbench(url: string, statements: string, submit: () => Promise<void>): Promise<Line> {
  const rounds: { value: number; limit: number }[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const limit = rateOfScript(url, statements);
    rounds.push({ value: await rateOf(submit), limit });
  }
  const limit = 'pgbench with the same statements';
  return relative({ work: 'submissions of a form over HTTP', unit: 'per s', limit, atLeast: 0.5 }, rounds);
}

/**
 * What a submission says to the database where no other comes with it, as a script of pgbench: each is another one. It is one statement, which looks for the
 * same answers of the same person; rates are counted in memory, texts as short as these are not looked for, and its job is added for many at once.
 */
function script(sectionId: SectionId, formId: FormId): string {
  const document = applied();
  const once = Buffer.from('once');
  const insert = insertStatement({
    form: { sectionId, formId, version: 1, document },
    answers: { firstname: 'Anna', email: 'visitor@example.com', company: 'Acme' },
    ...{ once, referrer: '', score: 20, signs: ['no-script', 'many-in-all'] },
    ...{ now: new Date(), repeatedSince: new Date(Date.now() - 600_000) },
  });
  return `\\set number random(1, 1000000000000)\n${inline(insert, once)}`;
}

/** A statement with its values written out. `random`: the value that is another one each time. */
function inline(statement: Sql, random: Buffer): string {
  const { text, values } = statement.compile();
  const literal = (value: unknown): string => {
    if (value === random) return 'uuid_send(gen_random_uuid())';
    if (value === 'visitor@example.com') return `(:number::text || '@example.com')`;
    if (value === null) return 'null';
    if (typeof value === 'number') return String(value);
    if (value instanceof Date) return `'${value.toISOString()}'`;
    if (value instanceof Buffer) return `'\\x${value.toString('hex')}'`;
    if (Array.isArray(value)) return `array[${value.map(literal).join(', ')}]`;
    if (typeof value === 'string') return `'${value.replaceAll("'", "''")}'`;
    throw new Error(`No literal for ${JSON.stringify(value)}`);
  };
  const filled = text.replace(/\$(\d+)/g, (_, number: string) => literal(values[Number(number) - 1]));
  return `${filled.replace(/\s+/g, ' ').trim()};`;
}

/** A form whose submissions are applied at once: nobody here could confirm. */
function applied(): FormDocument {
  const document = documentFrom('lead', { attributes: [], topics: [] });
  return { ...document, optIn: { ...document.optIn, on: false } };
}

async function published(sectionId: SectionId): Promise<FormId> {
  const now = new Date();
  const document = JSON.stringify(applied());
  const { id } = await one<{ id: FormId }>(
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
  return id;
}
