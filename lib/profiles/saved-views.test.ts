// Saved views: one's own, shared ones, and what others may do with them.
import { beforeAll, describe, expect, it } from 'vitest';
import type { ProfileViewId, SectionId } from '@/lib/db/ids';
import { pool } from '@/lib/db/pool';
import { execute, rows, sql } from '@/lib/db/sql';
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

  it.each([
    [{ columns: Array.from({ length: 300 }, () => 'x'.repeat(60)) }, 'at most 50 columns'],
    [{ columns: ['tags', 'x'.repeat(60)] }, 'One of the columns does not exist'],
    [{ filter: { conditions: [{ code: 'city', compare: { test: 'is', text: 'å'.repeat(500) } }] } }, null],
    [{ filter: { conditions: longConditions() } }, 'too long for a link'],
  ])('fits in an address, or is refused with what to do: %.60j', async (given, message) => {
    const view = { sectionId, name: `Long ${message}`, shared: true, state: { ...state, ...given } };
    const saved = await createSavedView(account.marketer, view);
    if (message === null) return expect(saved.ok).toBe(true);
    expect(saved).toMatchObject({ ok: false, refusal: { code: 'invalid' } });
    expect(JSON.stringify(saved)).toContain(message);
  });

  it('from before there was a limit is listed as too long', async () => {
    const id = await create('Old', true);
    const columns = Array.from({ length: 300 }, () => 'x'.repeat(60));
    await execute(
      pool(),
      sql`update profile_view set state = ${JSON.stringify({ ...state, columns })} where section_id = ${sectionId} and id = ${id}`,
    );
    const views = valueOf(await readSavedViews(account.admin, { sectionId }));
    expect(views.find((view) => view.id === id)).toMatchObject({ tooLong: true });
    expect(views.filter(({ tooLong }) => tooLong)).toHaveLength(1);
  });

  it('is one of at most 100 of a person, also when ten are saved at once', async () => {
    const own = await createTestAccount();
    await execute(
      pool(),
      sql`
        insert into profile_view (section_id, user_id, name, name_key, shared, state, updated_at)
        select ${own.sectionId}, ${own.marketer.userId}, 'View ' || nth, 'view ' || nth, false, ${JSON.stringify(state)},
          ${new Date()}
        from generate_series(1, 98) nth`,
    );
    const results = await Promise.all(
      Array.from({ length: 10 }, (_, nth) =>
        createSavedView(own.marketer, { sectionId: own.sectionId, name: `New ${nth}`, shared: false, state }),
      ),
    );
    expect(results.filter(({ ok }) => ok)).toHaveLength(2);
    const stored = await rows(pool(), sql`select from profile_view where section_id = ${own.sectionId}`);
    expect(stored).toHaveLength(100);
  });
});

function longConditions() {
  return Array.from({ length: 10 }, () => ({ code: 'city', compare: { test: 'is', text: 'å'.repeat(150) } }));
}
