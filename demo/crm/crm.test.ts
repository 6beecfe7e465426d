// The made-up CRM of a demo installation: connected by one press, changed on its page, and the only thing on this machine that may be
// called.
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { ConnectionId, SectionId } from '@/lib/db/ids';
import type { Result } from '@/lib/access/refusal';
import { createByKey } from '@/lib/clients/one-profile';
import { keepLists } from '@/lib/integrations/commands';
import { connectMadeUpCrm, madeUpPage } from '@/lib/integrations/made-up';
import { readConnection } from '@/lib/integrations/read';
import { readAvailableLists, readConnections, readSyncRun } from '@/lib/integrations/reads';
import { startSync } from '@/lib/integrations/run-commands';
import { announceMadeUpCrm, MADE_UP_ORIGIN } from '@/lib/outbound/made-up-crm';
import { addressProblem, post } from '@/lib/outbound/request';
import { createTestAccount, createTestSection, runToEnd, type TestAccount } from '@/testing/fixtures';
import { valueOf } from '@/testing/segments';
import { peopleOf, startCrm, type RunningCrm } from './server';

const apiKey = 'a key of the tests';
let account: TestAccount;
let sectionId: SectionId;
let folder: string;
let crm: RunningCrm;

async function start(): Promise<void> {
  crm = await startCrm({ file: path.join(folder, 'made-up-crm.json'), apiKey, peopleOf, slowMs: 1 });
  announceMadeUpCrm({ port: crm.port, apiKey });
}

beforeAll(async () => {
  delete process.env.TAGWELL_ALLOW_PRIVATE_ADDRESSES;
  account = await createTestAccount();
});
beforeEach(async () => {
  folder = fs.mkdtempSync(path.join(os.tmpdir(), 'tagwell-crm-'));
  sectionId = await createTestSection(account.accountId, 'Demo');
  await start();
});
afterEach(async () => {
  announceMadeUpCrm(null);
  await crm.stop();
  fs.rmSync(folder, { recursive: true });
});

const messageOf = (result: Result<unknown>) => (result.ok ? null : result.refusal.message);
const connect = async () => valueOf(await connectMadeUpCrm(account.admin, { sectionId })).id;
const lists = async (connectionId: ConnectionId) =>
  valueOf(await readAvailableLists(account.admin, { sectionId, connectionId })).lists;
const open = async () => (await fetch(madeUpPage(sectionId)!)).text();
const press = (form: Record<string, string>, origin = `http://127.0.0.1:${crm.port}`) =>
  fetch(madeUpPage(sectionId)!, {
    method: 'POST',
    body: new URLSearchParams(form),
    headers: { origin },
    redirect: 'manual',
  });

describe('the made-up CRM', () => {
  it('is connected by one press, named as what it is, with people of the section, some unknown and one ambiguous', async () => {
    for (const key of ['ann@example.com', 'bo@example.com', 'cy@example.com', 'di@example.com'])
      valueOf(await createByKey(account.system, { sectionId, keyspaceId: account.keyspaces.email, key }));
    const connectionId = await connect();
    expect(valueOf(await readConnections(account.admin, { sectionId }))).toMatchObject([
      { name: 'Made-up CRM', madeUp: true },
    ]);
    const [fair] = (await lists(connectionId)).filter(({ name }) => name === 'Trade fair Gothenburg');
    expect(fair?.tagName).toBe('Made-up CRM: Trade fair Gothenburg');
    const { externalId, name, kind } = fair!;
    const wanted = [{ externalId, name, kind, tag: { name: 'Fair' } }];
    valueOf(await keepLists(account.admin, { sectionId, connectionId, lists: wanted }));
    const { runId } = valueOf(await startSync(account.admin, { sectionId, connectionId, dry: true }));
    await readConnection(sectionId, runId);
    const { run } = valueOf(await readSyncRun(account.admin, { sectionId, runId }));
    await runToEnd(sectionId, run.operationId!);
    const { counts } = valueOf(await readSyncRun(account.admin, { sectionId, runId })).run;
    expect(counts).toMatchObject({ adds: 2, unmatched: 3, noAddress: 1, ambiguous: 1 });
  });

  it('keeps what was changed on its page, also over a restart', async () => {
    const connectionId = await connect();
    expect(await open()).toContain('Not a real CRM');
    const [vip, letters, fair] = (await lists(connectionId)).map(({ externalId }) => externalId.split(':')[1]!);
    await press({ do: 'rename', list: vip!, name: '<b>Best & oldest</b>' });
    await press({ do: 'delete', list: letters! });
    await press({ do: 'empty', list: fair! });
    await crm.stop();
    await start();
    expect((await lists(connectionId)).map(({ name }) => name)).toEqual([
      '<b>Best & oldest</b>',
      'Trade fair Gothenburg',
    ]);
    const page = await open();
    expect(page).toContain('&#60;b&#62;Best &#38; oldest&#60;/b&#62;');
    expect(page).not.toContain('<b>');
    expect(page).toContain('Put 4 back');
    await press({ do: 'fill', list: fair! });
    await press({ do: 'restore', list: letters! });
    expect(await open()).not.toContain('Put 4 back');
    expect(await lists(connectionId)).toHaveLength(3);
    expect(await (await press({ do: 'rename', list: vip!, name: ' ' })).text()).toContain('Enter a name.');
  });

  it('answers slowly, or refuses its key, if the page says so', async () => {
    const connectionId = await connect();
    const ask = () => readAvailableLists(account.admin, { sectionId, connectionId });
    await press({ do: 'mood', mood: 'slow' });
    valueOf(await ask());
    await press({ do: 'mood', mood: 'locked' });
    expect(messageOf(await ask())).toContain('The made-up CRM refuses the API key');
  });

  it('takes nothing from other websites, and shows nothing under another name', async () => {
    await connect();
    expect((await press({ do: 'new-list', name: 'Ours' }, 'https://example.com')).status).toBe(403);
    expect(await open()).not.toContain('Ours');
    const other = await fetch(madeUpPage(sectionId)!.replace('127.0.0.1', 'localhost'));
    expect(other.status).toBe(404);
  });

  it('is the only thing on this machine that may be called, and only while it runs', async () => {
    const ofOthers = [`http://127.0.0.1:${crm.port}/`, `${MADE_UP_ORIGIN}:${crm.port}/`, 'http://localhost/'];
    for (const url of ofOthers) expect((await post(url, {}, '')) as object).toHaveProperty('error');
    expect(addressProblem(`${MADE_UP_ORIGIN}/1`)).toBeNull();
    announceMadeUpCrm(null);
    expect(madeUpPage(sectionId)).toBeNull();
    expect(messageOf(await connectMadeUpCrm(account.admin, { sectionId }))).toContain(
      'The made-up CRM runs only where Tagwell is tried out',
    );
  });
});
