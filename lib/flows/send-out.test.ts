// What flows tell others leaves in good time, and is not kept: whoever is slow or cannot be told holds up nobody else.
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { valueOf } from '@/lib/access/refusal';
import type { FlowId, ProfileId, TagId } from '@/lib/db/ids';
import { pool, transaction } from '@/lib/db/pool';
import { one, rows, sql } from '@/lib/db/sql';
import { changeTags, wantedFor } from '@/lib/tags/change';
import { createTestAccount, createTestProfiles, createTestTag, type TestAccount } from '@/testing/fixtures';
import {
  createTestFlow,
  historyOf,
  publishTestFlow,
  runOf,
  type FlowDraft,
  type FlowDraftSettings,
} from '@/testing/flows';
import { claimOut } from './out';
import { readFurtherProblems } from './reads';
import { removeOldHistory } from './retention';
import { sendOut } from './send-out';
import { tick } from './tick';

const DAY = 86_400_000;
let account: TestAccount;
let trigger: TagId;
let receiver: http.Server;
let answer: (path: string, response: http.ServerResponse) => void;

beforeAll(() => {
  process.env.TAGWELL_ALLOW_PRIVATE_ADDRESSES = '127.0.0.1';
  process.env.TAGWELL_URL = 'https://tagwell.example.org';
});
beforeEach(async () => {
  account = await createTestAccount();
  trigger = await createTestTag(account.sectionId, 'Trigger');
  answer = (_path, response) => response.writeHead(200).end();
  receiver = http.createServer((request, response) => {
    request.resume().on('end', () => answer(request.url ?? '', response));
  });
  await new Promise<void>((ready) => receiver.listen(0, '127.0.0.1', ready));
});
afterEach(async () => {
  receiver.closeAllConnections();
  await new Promise((closed) => receiver.close(closed));
});

const apply = (ids: readonly ProfileId[], at = new Date(), of = { account, trigger }) =>
  transaction((tx) =>
    changeTags(
      tx,
      { sectionId: of.account.sectionId, source: 'user', userId: null, at },
      wantedFor(sql`select unnest(${ids}::bigint[]) as profile_id`, { apply: [of.trigger], remove: [] }),
    ),
  );
const flow = (step: object, settings: FlowDraftSettings = {}, of = { account, trigger }) =>
  publishTestFlow(
    { ...of.account, marketer: of.account.admin },
    { trigger: { kind: 'tag_applied', tagId: of.trigger }, steps: [{ id: 'tell', ...step }] as FlowDraft['steps'] },
    settings,
  );
const address = (path = '/hook') => `http://127.0.0.1:${(receiver.address() as AddressInfo).port}${path}`;
const of = (flowId: FlowId) => ({ sectionId: account.sectionId, flowId });

describe('a notice to colleagues', () => {
  it('that nobody can send does not hold people at its step for ever', async () => {
    const [person] = await createTestProfiles(account.sectionId, 1);
    const flowId = await flow({ kind: 'notify', to: ['lena@example.org'], subject: 'A lead' });
    await apply([person!]);
    await tick();
    for (let day = 0; day < 60; day++) {
      await sendOut({ now: new Date(Date.now() + day * DAY) });
      await tick({ now: new Date(Date.now() + day * DAY) });
    }
    expect(await runOf(account.sectionId, flowId, person!)).toMatchObject({ step: null });
  });

  it('is said to reach nobody before the flow is published', async () => {
    const { id } = await createTestFlow(account, {
      trigger: { kind: 'tag_applied', tagId: trigger },
      steps: [{ id: 'tell', kind: 'notify', to: [account.marketer.email], subject: 'A lead' }],
    });
    const said = valueOf(await readFurtherProblems(account.marketer, of(id)));
    expect(said).toMatchObject([{ stepId: 'tell', must: false }]);
  });
});

describe('what was told', () => {
  it('is not kept for ever: it holds all that is known of people', async () => {
    const [person] = await createTestProfiles(account.sectionId, 1);
    await flow({ kind: 'webhook', address: address() });
    await apply([person!]);
    await tick();
    await sendOut();
    const kept = await rows<{ body: string }>(
      pool(),
      sql`select body from flow_out where section_id = ${account.sectionId}`,
    );
    expect(kept).toEqual([{ body: '' }]);
    await tick({ now: new Date(Date.now() + 400_000) });
    await removeOldHistory(new Date(Date.now() + 40 * DAY));
    const { bodies } = await one<{ bodies: number }>(
      pool(),
      sql`select count(*)::int as bodies from flow_out where section_id = ${account.sectionId}`,
    );
    expect(bodies).toBe(0);
  });

  it('in one section to somebody who is slow does not keep others waiting', async () => {
    const other = await createTestAccount();
    const otherTrigger = await createTestTag(other.sectionId, 'Trigger');
    const second = { account: other, trigger: otherTrigger };
    const slow = await flow({ kind: 'webhook', address: address('/slow') });
    await flow({ kind: 'webhook', address: address('/quick') }, {}, second);
    const [person] = await createTestProfiles(account.sectionId, 1);
    const [otherPerson] = await createTestProfiles(other.sectionId, 1);
    await apply([person!]);
    await apply([otherPerson!], new Date(), second);
    await tick();
    // The slow one answers once the other has been called.
    let held: http.ServerResponse | undefined;
    let isCalled = false;
    const release = () => isCalled && held?.writeHead(200).end();
    answer = (path, response) => {
      if (path === '/slow') held = response;
      else {
        isCalled = true;
        response.writeHead(200).end();
      }
      release();
    };
    await sendOut();
    await tick({ now: new Date(Date.now() + 400_000) });
    expect(await historyOf(account.sectionId, slow, person!)).toEqual(['entered', 'tell passed', 'left done']);
  }, 60_000);

  it('is taken in hand in parts of the size that was asked for', async () => {
    const people = await createTestProfiles(account.sectionId, 60);
    const flowId = await flow({ kind: 'webhook', address: address() });
    await apply(people);
    await tick();
    const claimed = await claimOut(pool(), of(flowId), { limit: 20, leaseMs: 60_000, now: new Date() });
    expect(claimed).toHaveLength(20);
    await sendOut();
    const { waiting } = await one<{ waiting: number }>(
      pool(),
      sql`
        select count(*)::int as waiting from flow_out
        where section_id = ${account.sectionId} and state = 'waiting' and lease is null`,
    );
    expect(waiting).toBe(0);
  });
});
