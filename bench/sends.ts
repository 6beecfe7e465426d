// A message to many: personalised mails of 30 kB to a mail server on this machine, each claimed, written, handed over and recorded, against the same
// number of mails that are ready and only pushed; and the memory of a worker that sends to everybody.
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import path from 'node:path';
import readline from 'node:readline';
import { setTimeout as pause } from 'node:timers/promises';
import SMTPConnection from 'nodemailer/lib/smtp-connection';
import type { UserActor } from '@/lib/access/actor';
import { EVERYONE, type Audience } from '@/lib/audience/schema';
import type { MessageId, SenderId, SendId, TagId, TopicId } from '@/lib/db/ids';
import { pool } from '@/lib/db/pool';
import { execute, one, sql } from '@/lib/db/sql';
import type { Block } from '@/lib/mail-document/schema';
import { prepareSend } from '@/lib/messages/freeze';
import { sendMails } from '@/lib/messages/deliver';
import { cancelSend } from '@/lib/messages/send-commands';
import { scheduleMessage } from '@/lib/messages/schedule';
import { SLOTS } from '@/lib/messages/queue';
import { compose } from '@/lib/sending/compose/compose';
import { spawnWorker } from '@/testing/process';
import type { World } from './generate';
import { median, relative, timed, type Line } from './measure';

const ROUNDS = 3;
const MAILS = 5_000;
const CONNECTIONS = 20;
/** Of a mail on the wire: ours, and those that are only pushed. */
const BYTES = 30_000;
const PER_SECOND = 800;
const SECRET = 'the secret of the bench, 32 or more';
/** Megabytes. */
const MEMORY_GOAL = 450;
const MEMORY_AFTER_MS = 10_000;
const MEMORY_FOR_MS = 30_000;

type Taken = { mails: number; bytes: number };
type Sink = { port: number; taken: () => Promise<Taken>; stop: () => Promise<void> };
type Bench = { world: World; actor: UserActor; sink: Sink; senderId: SenderId; topicId: TopicId; attributeId: number };

/** The time and the memory of sends. Adds consents to the database, which is a copy. */
export async function measureSends(url: string, world: World, actor: UserActor): Promise<Line[]> {
  process.env.TAGWELL_ALLOW_PRIVATE_ADDRESSES = '127.0.0.1';
  process.env.TAGWELL_URL = 'https://tagwell.example.org';
  process.env.NEXTAUTH_SECRET = SECRET;
  const sink = await startSink();
  try {
    const bench = { world, actor, sink, ...(await prepare(world, sink)) };
    return [...(await measureRate(bench)), await measureMemory(url, bench)];
  } finally {
    await sink.stop();
  }
}

async function startSink(): Promise<Sink> {
  const child = spawn(process.execPath, ['--import', 'tsx', path.join('bench', 'sink.ts')], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const lines = readline.createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const numbers = async () =>
    String((await lines.next()).value)
      .split(' ')
      .map(Number);
  const [port = 0] = await numbers();
  return {
    port,
    taken: async () => {
      child.stdin.write('\n');
      const [mails = 0, bytes = 0] = await numbers();
      return { mails, bytes };
    },
    stop: async () => {
      const ended = once(child, 'exit');
      child.stdin.end();
      await ended;
    },
  };
}

async function prepare(world: World, sink: Sink) {
  const { sectionId } = world.main;
  const { id: topicId } = await one<{ id: TopicId }>(
    pool(),
    sql`
      insert into topic (section_id, discriminator, name, name_key)
      values (${sectionId}, 'usercreated.topics.bench-sends', 'Bench sends', 'bench sends') returning id`,
  );
  await execute(
    pool(),
    sql`
      insert into consent (section_id, profile_id, topic_id, channel, type)
      select section_id, id, ${topicId}::int, 'email', 'opt-in' from profile where section_id = ${sectionId} order by id`,
  );
  await pool().query('vacuum analyze consent, profile_key, profile_tag, profile');
  const settings = {
    server: {
      host: '127.0.0.1',
      port: sink.port,
      encryption: 'none',
      user: '',
      ehloName: '',
      connections: CONNECTIONS,
      perSecond: null,
      perHour: null,
      perDay: null,
      warmUp: null,
    },
    dkim: null,
    nextDkim: null,
  };
  const { id: senderId } = await one<{ id: SenderId }>(
    pool(),
    sql`
      insert into sender (section_id, kind, name, from_address, from_name, settings)
      values (${sectionId}, 'smtp', 'Bench', 'news@example.org', 'Fjällkök', ${JSON.stringify(settings)}) returning id`,
  );
  const { id: attributeId } = await one<{ id: number }>(
    pool(),
    sql`select id from attribute where section_id = ${sectionId} and code = 'firstname'`,
  );
  return { topicId, senderId, attributeId };
}

const TEXT =
  'Höstens nyheter är här – se vad som väntar i butiken, och vad vi har lagt undan för dig som vet vad du vill ha. ';

/** With a value and a condition in each part. */
function contentOf({ attributeId, world }: Bench) {
  const variable = { type: 'variable', attributeId, fallback: 'du' } as const;
  const tagId: TagId = world.main.tagIds[49]!;
  const part = (index: number): Block[] =>
    [
      { id: `h${index}`, kind: 'heading', level: 2, line: [{ type: 'text', text: 'Hej ' }, variable] },
      {
        id: `t${index}`,
        kind: 'text',
        lines: [
          [
            { type: 'text', text: TEXT.repeat(6) },
            { type: 'text', text: 'Se mer', link: `https://shop.example.com/${index}` },
          ],
        ],
        onlyFor: index % 2 === 0 ? null : { tagId, has: index % 4 === 1 },
      },
      {
        id: `b${index}`,
        kind: 'button',
        label: [{ type: 'text', text: 'Till butiken' }],
        link: `https://shop.example.com/b/${index}`,
      },
    ] as unknown as Block[];
  const blocks = Array.from({ length: PARTS }, (_, index) => part(index)).flat();
  return { channel: 'email', document: { subject: [{ type: 'text', text: 'Höstens nyheter, ' }, variable], blocks } };
}

/** As many as make a mail of `BYTES`. */
const PARTS = 7;

async function schedule(bench: Bench, audience: Audience): Promise<SendId> {
  const { world, actor, topicId, senderId } = bench;
  const { sectionId } = world.main;
  const name = `Bench ${Math.random()}`;
  const at = new Date();
  const { id: messageId } = await one<{ id: MessageId }>(
    pool(),
    sql`
      insert into message (
        section_id, channel, kind, name, name_key, topic_ids, sender_id, content, audience, settings, created_at, changed_at
      )
      values (
        ${sectionId}, 'email', 'marketing', ${name}, ${name}, ${[topicId]}::int[], ${senderId},
        ${JSON.stringify(contentOf(bench))}, ${JSON.stringify(audience)}, '{}', ${at}, ${at}
      )
      returning id`,
  );
  const scheduled = await scheduleMessage(actor, {
    sectionId,
    messageId,
    wish: { when: 'now' },
    seen: at.toISOString(),
  });
  if (!scheduled.ok) throw new Error(scheduled.refusal.message);
  return scheduled.value.sendId;
}

async function measureRate(bench: Bench): Promise<Line[]> {
  const { world, sink, senderId } = bench;
  const { sectionId } = world.main;
  const rounds: { value: number; limit: number }[] = [];
  const raw = readyMail();
  for (let round = 0; round <= ROUNDS; round++) {
    const sendId = await schedule(bench, { ...EVERYONE, most: MAILS });
    await prepareSend({ sectionId, sendId });
    const before = await sink.taken();
    const ours = await timed(() =>
      Promise.all(
        Array.from({ length: SLOTS }, (_, slot) => sendMails({ sectionId, senderId, slot }, { turnMs: 3_600_000 })),
      ),
    );
    const after = await sink.taken();
    const mails = after.mails - before.mails;
    if (mails !== MAILS) throw new Error(`${mails} mails arrived instead of ${MAILS}.`);
    const size = (after.bytes - before.bytes) / mails;
    if (Math.abs(size / raw.length - 1) > 0.1) throw new Error(`Mails of ${size} bytes against ${raw.length}.`);
    await expectDone(bench, sendId);
    const theirs = await timed(() => push(sink.port, raw));
    if (round > 0) rounds.push({ value: perSecond(ours), limit: perSecond(theirs) });
  }
  const rate = median(rounds.map(({ value }) => value));
  const work = `mails of ${Math.round(raw.length / 1_000)} kB sent to ${MAILS.toLocaleString('en-GB')} people`;
  return [
    relative({ work, unit: 'per s', limit: 'ready mails, pushed by a bare client', atLeast: 0.5 }, rounds),
    {
      work: 'the same, absolutely',
      limit: null,
      value: rate,
      unit: 'per s',
      ratio: null,
      goal: `at least ${PER_SECOND}`,
      met: rate >= PER_SECOND,
      rounds: rounds.map(({ value }) => ({ value })),
    },
  ];
}

const perSecond = (milliseconds: number) => (MAILS * 1_000) / milliseconds;

async function expectDone({ world }: Bench, sendId: SendId): Promise<void> {
  const { status, sent } = await one<{ status: string; sent: number }>(
    pool(),
    sql`
      select status, (
        select count(*) from recipient
        where section_id = ${world.main.sectionId} and send_id = ${sendId} and state = 'sent'
      ) as sent
      from send where section_id = ${world.main.sectionId} and id = ${sendId}`,
  );
  if (status !== 'done' || sent !== MAILS) throw new Error(`The send is ${status}, with ${sent} mails sent.`);
}

/** Of the same size. */
function readyMail(): Buffer {
  const withText = (text: string) =>
    compose({
      from: { name: 'Fjällkök', address: 'news@example.org' },
      to: { name: '', address: 'person@example.com' },
      subject: 'Höstens nyheter',
      text: 'Höstens nyheter',
      html: `<!doctype html><p>${text}</p>`,
      messageId: '1.1.a@example.org',
      date: new Date(),
      automatic: true,
    }).raw;
  const [none, some] = [withText('').length, withText(TEXT.repeat(100)).length];
  return withText(TEXT.repeat(Math.round(((BYTES - none) / (some - none)) * 100)));
}

/** Pushes the same ready mail again and again, over as many connections. */
async function push(port: number, raw: Buffer): Promise<void> {
  let left = MAILS;
  const line = async () => {
    const connection = new SMTPConnection({ host: '127.0.0.1', port, ignoreTLS: true });
    await new Promise<void>((resolve, reject) => {
      connection.once('error', reject);
      connection.connect((error) => (error ? reject(error) : resolve()));
    });
    while (left-- > 0) {
      const envelope = { from: 'news@example.org', to: [`p${left}@example.com`] };
      await new Promise<void>((resolve, reject) => {
        connection.send(envelope, raw, (error) => (error ? reject(error) : resolve()));
      });
    }
    connection.quit();
  };
  await Promise.all(Array.from({ length: CONNECTIONS }, line));
}

/** How much more a worker keeps after it has sent for a while: nothing may pile up, however many wait. */
async function measureMemory(url: string, bench: Bench): Promise<Line> {
  const { world, actor } = bench;
  const { sectionId } = world.main;
  const sendId = await schedule(bench, EVERYONE);
  const worker = spawnWorker({
    DATABASE_URL: url,
    TAGWELL_SECRET: SECRET,
    TAGWELL_ALLOW_PRIVATE_ADDRESSES: '127.0.0.1',
  });
  try {
    const before = await bench.sink.taken();
    while ((await bench.sink.taken()).mails === before.mails) await pause(200);
    await pause(MEMORY_AFTER_MS);
    const values: number[] = [];
    for (const until = Date.now() + MEMORY_FOR_MS; Date.now() < until; await pause(500)) values.push(memoryOf(worker));
    const cancelled = await cancelSend(actor, { sectionId, sendId });
    const value = Math.max(...values);
    const { people } = await one<{ people: number }>(
      pool(),
      sql`select count(*) as people from recipient where section_id = ${sectionId} and send_id = ${sendId}`,
    );
    return {
      work: `memory of a worker while it sends to ${people.toLocaleString('en-GB')} people`,
      limit: null,
      value,
      unit: 'MB',
      ratio: null,
      goal: `under ${MEMORY_GOAL} MB`,
      met: value < MEMORY_GOAL && (cancelled.ok || people < 100_000),
      rounds: values.map((each) => ({ value: each })),
    };
  } finally {
    const ended = once(worker, 'exit');
    worker.kill('SIGTERM');
    await ended;
  }
}

/** Megabytes that a process keeps in memory. */
function memoryOf({ pid }: ChildProcess): number {
  const status = fs.readFileSync(`/proc/${pid}/status`, 'utf8');
  return Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1]) / 1_024;
}
