// What the shell shows of background work, and that the end of a person's own work is announced once.
import { beforeEach, describe, expect, it } from 'vitest';
import type { UserActor } from '@/lib/access/actor';
import { createAttribute, indexAttribute } from '@/lib/attributes/commands';
import type { OperationId, ProfileId, TagId } from '@/lib/db/ids';
import { bulkTag, bulkTagKind } from '@/lib/operations/bulk-tag';
import { WORK_OPTIONS } from '@/lib/work/options';
import { runOperation } from '@/lib/work/run';
import {
  createTestAccount,
  createTestProfiles,
  createTestTag,
  runToEnd,
  withStep,
  type TestAccount,
} from '@/testing/fixtures';
import { valueOf } from '@/testing/segments';
import { announceOperations, cancelOperation, retryOperation, undoOperation } from './commands';
import { readBackgroundWork } from './reads';

let account: TestAccount;
let ids: ProfileId[];
let tagId: TagId;
beforeEach(async () => {
  account = await createTestAccount();
  ids = await createTestProfiles(account.sectionId, 2);
  tagId = await createTestTag(account.sectionId, 'VIP');
});

const start = async (actor: UserActor): Promise<OperationId> => {
  const selection = { kind: 'ids', ids };
  return valueOf(await bulkTag(actor, { sectionId: account.sectionId, selection, apply: [tagId] })).operationId;
};
const work = async (actor: UserActor) => valueOf(await readBackgroundWork(actor, { sectionId: account.sectionId }));
const announce = async (actor: UserActor, ...operationIds: OperationId[]) =>
  valueOf(await announceOperations(actor, { sectionId: account.sectionId, operationIds })).announced;

describe('work in the background', () => {
  it('is shown to everyone of the section while it runs, with its page and who may stop it', async () => {
    const operationId = await start(account.marketer);
    for (const actor of [account.marketer, account.admin]) {
      expect(await work(actor)).toMatchObject({
        running: [
          {
            summary: 'Apply “VIP”: 2 profiles',
            status: 'queued',
            total: 2,
            userName: account.marketer.name,
            stoppable: operationId,
            path: `/activity/${operationId}`,
          },
        ],
        ended: [],
      });
    }
    const elsewhere = await createTestAccount();
    expect(await readBackgroundWork(elsewhere.admin, { sectionId: account.sectionId })).toMatchObject({
      refusal: { code: 'not_found' },
    });
  });

  it('is announced at its end to who started it, and to one of their tabs', async () => {
    const operationId = await start(account.marketer);
    expect(await announce(account.marketer, operationId)).toEqual([]);
    await runToEnd(account.sectionId, operationId);
    expect(await work(account.admin)).toEqual({ running: [], ended: [], troubles: [], messages: [] });
    const { ended } = await work(account.marketer);
    expect(ended).toMatchObject([
      { id: operationId, status: 'done', undoable: true, countsInWords: '2 profiles processed · 2 tags applied' },
    ]);
    expect(await announce(account.admin, operationId)).toEqual([]);
    const tabs = await Promise.all([announce(account.marketer, operationId), announce(account.marketer, operationId)]);
    expect(tabs.flat()).toEqual([operationId]);
    expect(await work(account.marketer)).toEqual({ running: [], ended: [], troubles: [], messages: [] });
  });

  it('is announced again after a retry, and says that it failed or was stopped', async () => {
    const operationId = await start(account.marketer);
    const failing = withStep(bulkTagKind, () => Promise.reject(new Error('The disk is full.')));
    await runOperation([failing], account.sectionId, operationId, {
      runner: 'a',
      options: { ...WORK_OPTIONS, attempts: 1 },
    });
    expect((await work(account.marketer)).ended).toMatchObject([{ status: 'failed', undoable: false }]);
    expect(await announce(account.marketer, operationId)).toEqual([operationId]);
    const input = { sectionId: account.sectionId, operationId };
    valueOf(await retryOperation(account.admin, input));
    expect((await work(account.marketer)).running).toHaveLength(1);
    valueOf(await cancelOperation(account.admin, input));
    expect((await work(account.marketer)).ended).toMatchObject([{ id: operationId, status: 'cancelled' }]);
  });

  it('that has been undone offers no undo', async () => {
    const operationId = await start(account.marketer);
    await runToEnd(account.sectionId, operationId);
    const { undoId } = valueOf(await undoOperation(account.admin, { sectionId: account.sectionId, operationId }));
    expect(await work(account.marketer)).toMatchObject({
      running: [{ stoppable: undoId, userName: account.admin.name }],
      ended: [{ id: operationId, undoable: false }],
    });
  });

  it('includes the build of an index, for Admins', async () => {
    const input = { sectionId: account.sectionId, name: 'City', type: 'text', choices: [] };
    const { id } = valueOf(await createAttribute(account.admin, input));
    valueOf(await indexAttribute(account.admin, { sectionId: account.sectionId, attributeId: id }));
    expect((await work(account.admin)).running).toMatchObject([
      { summary: 'Make “City” fast in segments', stoppable: null, path: '/settings/data-model/attributes' },
    ]);
    expect((await work(account.marketer)).running).toEqual([]);
  });
});
