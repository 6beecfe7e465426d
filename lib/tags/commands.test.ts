// What people do to tags: with bad input, concurrently, and around the commands with raw SQL.
import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { SectionId, TagId } from '@/lib/db/ids';
import { pool } from '@/lib/db/pool';
import { prismaOn, type Models, type Prisma } from '@/lib/db/prisma';
import { execute, one, rows, sql } from '@/lib/db/sql';
import { mergeTags } from '@/lib/operations/merge-tag';
import { changeProfileTags } from '@/lib/profiles/commands';
import {
  createTestAccount,
  createTestProfiles,
  createTestSection,
  createTestTag,
  runToEnd,
  type TestAccount,
} from '@/testing/fixtures';
import { firstChoices } from './choices';
import { createTag, hideTag, requireNewName } from './commands';
import { favouriteTags, setFavouriteTag } from './favourites';
import { visibleTags } from './labels';
import { getTag, tagGrowth, tagPermissions, listTags, tagTrends } from './queries';
import { checkNewTag } from './reads';
import { updateTag } from './update';

let account: TestAccount;
let sectionId: SectionId;
beforeAll(async () => {
  account = await createTestAccount();
});
beforeEach(async () => {
  sectionId = await createTestSection(account.accountId, 'Tags');
});

const edit = (tagId: TagId, name: string) => ({ sectionId, tagId, name, description: '', ownerNote: '' });

describe('creating a tag', () => {
  it('gives it a permanent discriminator and shows it in the picker', async () => {
    const result = await createTag(account.marketer, { sectionId: account.sectionId, name: ' Trade  Show Lead ' });
    expect(result).toMatchObject({ ok: true, value: { name: 'Trade Show Lead' } });
    const discriminator = result.ok ? result.value.discriminator : '';
    expect(discriminator).toMatch(/^usercreated\.tags\.trade_show_lead-[a-z0-9]{10}$/);
    expect((await visibleTags(pool(), account.sectionId)).map(({ name }) => name)).toContain('Trade Show Lead');
  });

  it.each(['vip', 'VIP ', 'ＶＩＰ'])('refuses %j while “VIP” is visible', async (name) => {
    await createTag(account.admin, { sectionId, name: 'VIP' });
    expect(await createTag(account.admin, { sectionId, name })).toMatchObject({
      ok: false,
      refusal: { code: 'name_taken', field: 'name' },
    });
  });

  it('is a taken name, not a near one, if somebody else creates it between the two questions', async () => {
    const models = prismaOn(pool());
    const tag = {
      findFirst: models.tag.findFirst,
      findMany: async (wanted: Prisma.TagFindManyArgs) => {
        const found = await models.tag.findMany(wanted);
        await createTestTag(sectionId, 'Webinar');
        return found;
      },
    };
    const meanwhile = { tag } as unknown as Models;
    await expect(requireNewName(meanwhile, sectionId, { name: 'Webinar', despite: [] })).rejects.toMatchObject({
      code: 'name_taken',
    });
  });

  it('is asked about in the same way if it is to be created later, which creates nothing', async () => {
    const made = await createTag(account.admin, { sectionId, name: 'Webinars' });
    const id = made.ok ? made.value.id : 0;
    const check = (name: string, despite: unknown[] = []) => checkNewTag(account.admin, { sectionId, name, despite });
    expect(await check('webinars')).toMatchObject({ refusal: { code: 'name_taken' } });
    expect(await check('Webinar')).toMatchObject({ refusal: { code: 'conflict', details: { near: [{ id }] } } });
    expect(await check('Webinar', [id])).toEqual({ ok: true, value: { name: 'Webinar' } });
    expect(await check(' ')).toMatchObject({ refusal: { code: 'invalid' } });
    expect((await visibleTags(pool(), sectionId)).map(({ name }) => name)).not.toContain('Webinar');
  });

  it('asks before it creates one with a name close to another', async () => {
    await createTag(account.admin, { sectionId, name: 'Newsletter' });
    const refused = await createTag(account.admin, { sectionId, name: 'Newsletters' });
    expect(refused).toMatchObject({
      ok: false,
      refusal: { code: 'conflict', details: { near: [{ name: 'Newsletter' }] } },
    });
    const near = refused.ok ? [] : (refused.refusal.details as { near: { id: TagId }[] }).near.map(({ id }) => id);
    expect(await createTag(account.admin, { sectionId, name: 'Newsletters', despite: near })).toMatchObject({
      ok: true,
    });
  });

  it('asks again if a close name was not among those shown, whatever else the caller says', async () => {
    const shown = await createTestTag(sectionId, 'Webinar Oslo');
    await createTestTag(sectionId, 'Webinar, Oslo');
    const name = 'Webinars Oslo';
    for (const input of [{ confirmed: true }, { despite: [] }, { despite: [shown] }]) {
      expect(await createTag(account.admin, { sectionId, name, ...input })).toMatchObject({
        ok: false,
        refusal: { code: 'conflict', details: { near: [{}, {}] } },
      });
    }
  });

  it('creates one tag from concurrent requests', async () => {
    const attempts = await Promise.all([1, 2, 3].map(() => createTag(account.admin, { sectionId, name: 'Rush' })));
    expect(attempts.filter(({ ok }) => ok)).toHaveLength(1);
    expect(attempts.filter((attempt) => !attempt.ok && attempt.refusal.code === 'name_taken')).toHaveLength(2);
  });

  it('accepts the name of a hidden tag', async () => {
    const tagId = await createTestTag(sectionId, 'Reborn');
    await hideTag(account.admin, { sectionId, tagId });
    expect(await createTag(account.admin, { sectionId, name: 'Reborn' })).toMatchObject({ ok: true });
  });
});

describe('editing a tag', () => {
  it('renames it and limits its Allowed Operations', async () => {
    const tagId = await createTestTag(sectionId, 'Before');
    const permissions = [{ keyspaceId: account.keyspaces.mobile, canRead: true, canWrite: false }];
    expect(await updateTag(account.admin, { ...edit(tagId, 'After'), permissions })).toMatchObject({ ok: true });
    expect(await getTag(pool(), sectionId, tagId)).toMatchObject({ name: 'After' });
    expect(await tagPermissions(pool(), account.accountId, sectionId, tagId)).toMatchObject([
      { keyspace: 'Email', canRead: true, canWrite: true },
      { keyspace: 'Mobile', canRead: true, canWrite: false },
      { keyspace: 'CRM ID', canRead: true, canWrite: true },
      { keyspace: 'Web', canRead: true, canWrite: true },
      { keyspace: 'Export', canRead: true, canWrite: true },
    ]);
  });

  it('says who has hidden it, and when', async () => {
    const tagId = await createTestTag(sectionId, 'Gone');
    await hideTag(account.owner, { sectionId, tagId });
    const result = await updateTag(account.admin, edit(tagId, 'Back'));
    expect(result).toMatchObject({
      ok: false,
      refusal: { code: 'hidden', message: expect.stringContaining('Test owner') as string },
    });
  });

  it('offers to merge into the tag that has the name', async () => {
    const [tagId, other] = [await createTestTag(sectionId, 'One'), await createTestTag(sectionId, 'Two')];
    expect(await updateTag(account.admin, edit(tagId, 'TWO'))).toMatchObject({
      ok: false,
      refusal: { code: 'name_taken', details: { taken: { id: other, name: 'Two' } } },
    });
  });
});

describe('hiding a tag', () => {
  it('happens once if two admins do it at the same time, and informs the second', async () => {
    const tagId = await createTestTag(sectionId, 'Rival');
    const results = await Promise.all(
      [account.admin, account.owner].map((admin) => hideTag(admin, { sectionId, tagId })),
    );
    expect(results.filter(({ ok }) => ok)).toHaveLength(1);
    expect(results.find(({ ok }) => !ok)).toMatchObject({ refusal: { code: 'hidden' } });
  });

  it('removes it from every page, and refuses changes from a page that was open before', async () => {
    const tagId = await createTestTag(sectionId, 'Open');
    const [profileId] = await createTestProfiles(sectionId, 1);
    await hideTag(account.admin, { sectionId, tagId });
    const result = await changeProfileTags(account.admin, { sectionId, profileId, apply: [tagId] });
    expect(result).toMatchObject({
      ok: false,
      refusal: { code: 'hidden', message: expect.stringContaining('“Open” has been hidden') as string },
    });
    expect(await visibleTags(pool(), sectionId)).toEqual([]);
    expect(await listTags(pool(), sectionId, { hidden: true })).toMatchObject([
      { name: 'Open', hidden: { by: 'Test admin' } },
    ]);
  });

  it('cannot be undone, nor the tag deleted, by raw SQL', async () => {
    const tagId = await createTestTag(sectionId, 'Attacked');
    await hideTag(account.admin, { sectionId, tagId });
    const attack = (statement: ReturnType<typeof sql>) =>
      expect(execute(pool(), statement)).rejects.toThrow(/for good|cannot be changed|never deleted/);
    await attack(sql`update tag set hidden_at = null where id = ${tagId}`);
    await attack(sql`update tag set hidden_at = now() where id = ${tagId}`);
    await attack(sql`update tag set name = 'Other' where id = ${tagId}`);
    await attack(sql`update tag set discriminator = 'other' where id = ${tagId}`);
    await attack(sql`delete from tag where id = ${tagId}`);
    await attack(sql`truncate tag cascade`);
    await attack(sql`insert into tag (section_id, id, discriminator, name, name_key) values (${sectionId}, ${tagId}, 'd', 'n', 'n')
                     on conflict (section_id, id) do update set hidden_at = null`);
  });
});

describe('a marketer', () => {
  it('is refused each admin action, and nothing changes', async () => {
    const [tagId, intoId] = [
      await createTestTag(account.sectionId, 'Kept'),
      await createTestTag(account.sectionId, 'Target'),
    ];
    const here = account.sectionId;
    const refused = { ok: false, refusal: { code: 'not_allowed' } };
    expect(await updateTag(account.marketer, { ...edit(tagId, 'Changed'), sectionId: here })).toMatchObject(refused);
    expect(await hideTag(account.marketer, { sectionId: here, tagId })).toMatchObject(refused);
    expect(await mergeTags(account.marketer, { sectionId: here, fromId: tagId, intoId })).toMatchObject(refused);
    expect(await getTag(pool(), here, tagId)).toMatchObject({ name: 'Kept', hidden: null });
  });

  it('has no access to a section that they were not given', async () => {
    const result = await createTag(account.marketer, { sectionId, name: 'Elsewhere' });
    expect(result).toMatchObject({ ok: false, refusal: { code: 'not_found' } });
  });
});

describe('merging a tag into another', () => {
  it('gives everyone the other tag, hides the merged one, and keeps its discriminator as an alias', async () => {
    const [fromId, intoId] = [await createTestTag(sectionId, 'Old'), await createTestTag(sectionId, 'New')];
    const [one1, two, three] = await createTestProfiles(sectionId, 3);
    for (const profileId of [one1, two])
      await changeProfileTags(account.admin, { sectionId, profileId, apply: [fromId] });
    for (const profileId of [two, three])
      await changeProfileTags(account.admin, { sectionId, profileId, apply: [intoId] });
    const started = await mergeTags(account.admin, { sectionId, fromId, intoId });
    if (!started.ok) throw new Error(started.refusal.message);
    await runToEnd(sectionId, started.value.operationId);
    expect(await getTag(pool(), sectionId, intoId)).toMatchObject({ profiles: 3 });
    expect(await getTag(pool(), sectionId, fromId)).toMatchObject({
      profiles: 2,
      hidden: { mergedInto: 'New', by: 'Test admin' },
    });
    const growth = await tagGrowth(pool(), sectionId, intoId);
    expect(growth.find(({ source }) => source === 'merge')).toMatchObject({ applied: 1 });
  });

  it('does not run two merges in opposite directions', async () => {
    const [first, second] = [await createTestTag(sectionId, 'Left'), await createTestTag(sectionId, 'Right')];
    const results = await Promise.all([
      mergeTags(account.admin, { sectionId, fromId: first, intoId: second }),
      mergeTags(account.admin, { sectionId, fromId: second, intoId: first }),
    ]);
    expect(results.filter(({ ok }) => ok)).toHaveLength(1);
  });
});

describe('the tags table', () => {
  it('counts exactly and shows who created each tag', async () => {
    const tagId = await createTestTag(sectionId, 'Counted');
    const profiles = await createTestProfiles(sectionId, 3);
    for (const profileId of profiles) await changeProfileTags(account.admin, { sectionId, profileId, apply: [tagId] });
    await changeProfileTags(account.admin, { sectionId, profileId: profiles[0], remove: [tagId] });
    const [row] = await listTags(pool(), sectionId);
    expect(row).toMatchObject({ name: 'Counted', profiles: 2 });
    const [trend] = await tagTrends(pool(), sectionId, [tagId]);
    expect(trend).toEqual({ tagId, days: [...new Array<number>(29).fill(0), 2] });
    const { shown } = await one<{ shown: number }>(
      pool(),
      sql`select count(*) as shown from profile_tag where tag_id = ${tagId}`,
    );
    expect(shown).toBe(2);
  });
});

describe('the colour and the group of a tag', () => {
  const shownTo = async (tagId: TagId) => {
    const tag = await getTag(pool(), sectionId, tagId);
    return tag && { colour: tag.colour, group: tag.groupName };
  };

  it('can be chosen when creating it, and are shown in pickers', async () => {
    const here = account.sectionId;
    const input = { sectionId: here, name: 'Never call', colour: 'red', group: ' Consent ', description: 'By phone' };
    expect(await createTag(account.marketer, input)).toMatchObject({ ok: true, value: { colour: 'red' } });
    const { tags } = await firstChoices(pool(), here, { userId: null });
    expect(tags.find(({ name }) => name === 'Never call')).toMatchObject({
      colour: 'red',
      group: 'Consent',
      description: 'By phone',
    });
  });

  it('are refused if the colour is unknown or the group is too long', async () => {
    for (const [wrong, message] of [
      [{ colour: 'beige' }, 'must be one of'],
      [{ group: 'x'.repeat(51) }, 'at most 50'],
      [{ group: 'a\u202Eb' }, 'invisible or control character'],
    ] as const) {
      expect(await createTag(account.admin, { sectionId, name: 'Wrong', ...wrong })).toMatchObject({
        ok: false,
        refusal: { code: 'invalid', message: expect.stringContaining(message) as string },
      });
    }
  });

  it('the group comes from the prefix of the name where none was chosen', async () => {
    for (const [name, group] of [
      ['Lime: VIP', 'Lime'],
      ['Ärzte: Köln', 'Ärzte'],
      ['VIP', ''],
      ['10:30 breakfast', ''],
      [': VIP', ''],
      ['Lime:', ''],
      [`${'x'.repeat(51)}: y`, ''],
    ] as const) {
      const tagId = await createTestTag(sectionId, name);
      expect([name, (await getTag(pool(), sectionId, tagId))?.group]).toEqual([name, group]);
    }
    const chosen = await createTag(account.admin, { sectionId, name: 'Lime: partner', group: 'Sales' });
    expect(chosen).toMatchObject({ ok: true, value: { group: 'Sales' } });
  });

  it('cannot be set on a tag that has been hidden, and the refusal says who hid it', async () => {
    const tagId = await createTestTag(sectionId, 'Hidden while open');
    await hideTag(account.owner, { sectionId, tagId });
    expect(await updateTag(account.admin, { ...edit(tagId, 'Hidden while open'), colour: 'red' })).toMatchObject({
      ok: false,
      refusal: { code: 'hidden', message: expect.stringContaining('Test owner') as string },
    });
    expect(await shownTo(tagId)).toEqual({ colour: null, group: '' });
  });

  it('are in the audit log only if they change', async () => {
    const tagId = await createTestTag(sectionId, 'Audited');
    for (let twice = 0; twice < 2; twice++) {
      await updateTag(account.admin, { ...edit(tagId, 'Audited'), colour: 'blue', group: 'Sales' });
    }
    const lines = await rows<{ summary: string; details: unknown }>(
      pool(),
      sql`select summary, details from audit_entry where subject = ${`tag:${tagId}`}`,
    );
    expect(lines).toEqual([
      {
        summary: 'Edited the tag “Audited”: colour, group',
        details: { changed: { colour: { from: null, to: 'blue' }, group: { from: '', to: 'Sales' } }, permissions: [] },
      },
    ]);
  });

  it('of a merged tag are inherited only if the other tag has none', async () => {
    const people = await createTestProfiles(sectionId, 1);
    const make = async (name: string, look: object) => {
      const made = await createTag(account.admin, { sectionId, name, ...look });
      if (!made.ok) throw new Error(made.refusal.message);
      return made.value.id;
    };
    const from = await make('Old alpha', { colour: 'red', group: 'Old' });
    const bare = await make('Bare beta', {});
    const own = await make('Own gamma', { colour: 'green', group: 'Own' });
    const prefixed = await make('Lime: delta', {});
    for (const into of [bare, own, prefixed]) {
      const source = into === bare ? from : await make(`Copy for ${into}`, { colour: 'red', group: 'Old' });
      await changeProfileTags(account.admin, { sectionId, profileId: people[0], apply: [source] });
      await setFavouriteTag(account.admin, { sectionId, tagId: source, favourite: true });
      const merge = await mergeTags(account.admin, { sectionId, fromId: source, intoId: into });
      if (!merge.ok) throw new Error(merge.refusal.message);
      await runToEnd(sectionId, merge.value.operationId);
    }
    expect(await shownTo(bare)).toEqual({ colour: 'red', group: 'Old' });
    expect(await shownTo(own)).toEqual({ colour: 'green', group: 'Own' });
    expect(await shownTo(prefixed)).toEqual({ colour: 'red', group: '' });
    expect(await favouriteTags(pool(), sectionId, account.admin.userId)).toEqual(
      expect.arrayContaining([bare, own, prefixed]),
    );
  });
});

describe('two admins who edit one tag at once', () => {
  const fields = { name: 'Shared', description: '', ownerNote: '', colour: null, group: '' };

  it('keep both changes if they changed different fields', async () => {
    const tagId = await createTestTag(sectionId, 'Shared');
    const both = [
      updateTag(account.admin, { sectionId, tagId, ...fields, seen: fields, colour: 'red' }),
      updateTag(account.owner, { sectionId, tagId, ...fields, seen: fields, description: 'Theirs' }),
    ];
    expect(await Promise.all(both)).toMatchObject([{ ok: true }, { ok: true }]);
    expect(await getTag(pool(), sectionId, tagId)).toMatchObject({ colour: 'red', description: 'Theirs' });
  });

  it('are asked if they changed the same field, and lose nothing', async () => {
    const tagId = await createTestTag(sectionId, 'Shared');
    await updateTag(account.owner, { sectionId, tagId, ...fields, seen: fields, description: 'Theirs' });
    const mine = { sectionId, tagId, ...fields, seen: fields, description: 'Mine', colour: 'blue' };
    const refused = await updateTag(account.admin, mine);
    expect(refused).toMatchObject({
      ok: false,
      refusal: { code: 'conflict', field: 'description', details: { now: { ...fields, description: 'Theirs' } } },
    });
    expect(await getTag(pool(), sectionId, tagId)).toMatchObject({ colour: null, description: 'Theirs' });
    const { now } = (refused.ok ? {} : refused.refusal.details) as { now: object };
    expect(await updateTag(account.admin, { ...mine, seen: now })).toMatchObject({ ok: true });
    expect(await getTag(pool(), sectionId, tagId)).toMatchObject({ colour: 'blue', description: 'Mine' });
  });

  it('are not asked about what was stored before such characters were removed', async () => {
    const tagId = await createTestTag(sectionId, 'Shared');
    const description = 'paid \u202Egpj.exe';
    await execute(
      pool(),
      sql`update tag set description = ${description} where section_id = ${sectionId} and id = ${tagId}`,
    );
    const mine = { sectionId, tagId, ...fields, seen: { ...fields, description }, description: '\u2066Mine\u200B' };
    expect(await updateTag(account.admin, mine)).toMatchObject({ ok: true });
    expect(await getTag(pool(), sectionId, tagId)).toMatchObject({ description: 'Mine' });
  });
});

describe('favourites', () => {
  it('are each person’s own, and never a hidden tag', async () => {
    const here = account.sectionId;
    const [tagId, other] = [await createTestTag(here, 'Favoured'), await createTestTag(here, 'Gone tomorrow')];
    await hideTag(account.admin, { sectionId: here, tagId: other });
    for (let twice = 0; twice < 2; twice++) {
      expect(await setFavouriteTag(account.marketer, { sectionId: here, tagId, favourite: true })).toMatchObject({
        ok: true,
      });
    }
    expect(await setFavouriteTag(account.marketer, { sectionId: here, tagId: other, favourite: true })).toMatchObject({
      ok: false,
      refusal: { code: 'hidden' },
    });
    expect(await favouriteTags(pool(), here, account.marketer.userId)).toEqual([tagId]);
    expect(await favouriteTags(pool(), here, account.admin.userId)).toEqual([]);
    await setFavouriteTag(account.marketer, { sectionId: here, tagId, favourite: false });
    expect(await favouriteTags(pool(), here, account.marketer.userId)).toEqual([]);
  });
});
