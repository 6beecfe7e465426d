// Saved views: one's own, shared ones, and what others may do with them.
import { beforeAll, describe, expect, it } from 'vitest';
import type { ProfileViewId, SectionId } from '@/lib/db/ids';
import { createTestAccount, type TestAccount } from '@/testing/fixtures';
import { valueOf } from '@/testing/segments';
import { createSavedView, deleteSavedView, readSavedViews, updateSavedView } from './saved-views';

let account: TestAccount;
let sectionId: SectionId;
const state = {
  filter: { search: 'anna' },
  sort: { by: 'changed', descending: true },
  columns: ['tags'],
  compact: true,
};

beforeAll(async () => {
  account = await createTestAccount();
  sectionId = account.sectionId;
});

const create = async (name: string, shared = false) =>
  valueOf(await createSavedView(account.marketer, { sectionId, name, shared, state })).id;
const names = async (actor = account.marketer) =>
  valueOf(await readSavedViews(actor, { sectionId })).map(({ name, own }) => ({ name, own }));
const contents = (viewId: ProfileViewId, name: string) => ({ sectionId, viewId, name, shared: true, state });

describe('a saved view', () => {
  it('keeps filter, columns, order and density, and is seen by others once it is shared', async () => {
    const id = await create('Annas');
    const [view] = valueOf(await readSavedViews(account.marketer, { sectionId }));
    expect(view).toMatchObject({ id, name: 'Annas', own: true, shared: false, state });
    expect(await names(account.admin)).toEqual([]);
    valueOf(await updateSavedView(account.marketer, contents(id, 'All Annas')));
    expect(await names(account.admin)).toEqual([{ name: 'All Annas', own: false }]);
  });

  it('has a name that its owner uses once; others may use it too', async () => {
    await create('Twice');
    const again = await createSavedView(account.marketer, { sectionId, name: ' TWICE ', shared: false, state });
    expect(again).toMatchObject({ ok: false, refusal: { code: 'name_taken', field: 'name' } });
    valueOf(await createSavedView(account.admin, { sectionId, name: 'Twice', shared: false, state }));
  });

  it('is changed by its owner alone; Admins can delete it if it is shared', async () => {
    const [own, shared] = [await create('Private'), await create('Shared', true)];
    const changed = await updateSavedView(account.admin, contents(shared, 'Mine now'));
    expect(changed).toMatchObject({ ok: false, refusal: { code: 'not_allowed' } });
    const hidden = await deleteSavedView(account.admin, { sectionId, viewId: own });
    expect(hidden).toMatchObject({ ok: false, refusal: { code: 'not_found' } });
    valueOf(await deleteSavedView(account.admin, { sectionId, viewId: shared }));
    const gone = await deleteSavedView(account.marketer, { sectionId, viewId: shared });
    expect(gone).toMatchObject({ ok: false, refusal: { code: 'not_found' } });
    expect(await names()).toContainEqual({ name: 'Private', own: true });
  });
});
