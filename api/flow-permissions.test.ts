// Flows over HTTP: what a client may not change by itself, it does not change by way of a flow either.
import { beforeAll, describe, expect, it } from 'vitest';
import type { FlowId, TagId } from '@/lib/db/ids';
import { tick } from '@/lib/flows/tick';
import { account, EMAIL, json, makeTag, profilePath, section, withApi } from '@/testing/api';
import { deny, makePerson } from '@/testing/api-people';
import { publishTestFlow } from '@/testing/flows';

withApi();

const single = (key: string, flowId: FlowId, keyspace = EMAIL) =>
  `${profilePath(key, keyspace)}/sections/${section}/flows/${flowId}`;
const enter = (key: string, flowId: FlowId, status: number, more: object = {}) =>
  json<unknown>(`${single(key, flowId)}/entries`, status, { method: 'POST', body: {}, ...more });

let secret: { id: TagId };
beforeAll(async () => {
  secret = await makeTag('Secret');
});

describe('a tag that may not be written', () => {
  it('is not given by a flow that the first one leads into', async () => {
    await makePerson({ email: 'jump@example.com' });
    const second = await publishTestFlow(account, {
      trigger: { kind: 'none' },
      steps: [{ id: 'give', kind: 'tags', apply: [secret.id] }],
    });
    const first = await publishTestFlow(account, {
      trigger: { kind: 'none' },
      steps: [{ id: 'jump', kind: 'enter', flowId: second }],
    });
    await deny(secret.id, { read: false, write: true });
    await enter('jump@example.com', second, 403);
    await enter('jump@example.com', first, 403);
    const before = await publishTestFlow(account, {
      trigger: { kind: 'none' },
      steps: [{ id: 'jump', kind: 'enter', flowId: first }],
    });
    await enter('jump@example.com', before, 403);
  });
});

describe('an idempotency key', () => {
  it('sends somebody once, however many calls come at the same moment, and is refused for another person', async () => {
    await makePerson({ email: 'once@example.com' });
    await makePerson({ email: 'other@example.com' });
    const flowId = await publishTestFlow(
      account,
      { trigger: { kind: 'none' }, steps: [{ id: 'wait', kind: 'wait' }] },
      { again: { kind: 'each_time' } },
    );
    const headers = { 'idempotency-key': 'same' };
    await Promise.all(Array.from({ length: 8 }, () => enter('once@example.com', flowId, 202, { headers })));
    await tick();
    await enter('other@example.com', flowId, 409, { headers });
    await enter('once@example.com', flowId, 409, { headers, body: { create: true } });
  });
});

describe('odd input', () => {
  it('is refused in words, not with an error of the server', async () => {
    await makePerson({ email: 'odd@example.com' });
    const flowId = await publishTestFlow(account, { trigger: { kind: 'none' }, steps: [{ id: 'wait', kind: 'wait' }] });
    const status = async (path: string) => {
      for (const known of [200, 400, 404, 409, 422]) {
        try {
          await json(path, known);
          return known;
        } catch {
          // Another one.
        }
      }
      return 500;
    };
    const list = `/audience/sections/${section}/flows`;
    const people = `/audience/keyspaces/${EMAIL}/sections/${section}/flows/${flowId}/people`;
    const odd = [
      `${list}?name=%00`,
      `${list}?cursor=%00`,
      `${list}/constructor`,
      `${list}/99999999999999`,
      `${people}?step=%00`,
      `${people}?after=9007199254740991`,
      single('odd%00@example.com', flowId),
    ];
    const answers = await Promise.all(odd.map(async (path) => [path, await status(path)]));
    expect(answers.filter(([, code]) => code === 500)).toEqual([]);
  });
});
