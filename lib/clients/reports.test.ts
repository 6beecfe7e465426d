// The CSV export of a segment: its contents, formula escaping, a consistent snapshot, and clean-up after a reader
// disconnects.
import { DOWNLOADS } from '@/lib/config/limits';
import { parse } from 'csv-parse/sync';
import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { setAttributeHidden } from '@/lib/used-in/attributes';
import type { KeyspaceId, ProfileId, SectionId, TagId } from '@/lib/db/ids';
import { closePool, pool, setPoolOptions } from '@/lib/db/pool';
import { execute, one, sql, type Tx } from '@/lib/db/sql';
import { hideTag } from '@/lib/tags/commands';
import {
  createTestAccount,
  createTestProfiles,
  createTestSection,
  createTestTag,
  type TestAccount,
} from '@/testing/fixtures';
import {
  allOf,
  anyOf,
  hasNotTag,
  hasTag,
  makeAttribute,
  membersIn,
  noneOf,
  rulesOf,
  setAttributes,
  tagProfiles,
  valueOf,
} from '@/testing/segments';
import { exportColumns } from '@/lib/profiles/export';
import { openRules } from '@/lib/segments/definitions';
import { exportMembers } from '@/lib/segments/export';
import type { AsOf } from '@/lib/segments/members';
import type { RuleNode } from '@/lib/segments/schema';

let account: TestAccount;
let sectionId: SectionId;
let tagId: TagId;
beforeAll(async () => {
  account = await createTestAccount();
});
beforeEach(async () => {
  sectionId = await createTestSection(account.accountId, 'Export');
  tagId = await createTestTag(sectionId, 'VIP');
});

async function start(node: RuleNode = hasTag(tagId), chosen: readonly string[] = [], asOf?: AsOf) {
  const rules = rulesOf(node);
  const opened = { rules, definitions: await openRules(pool(), sectionId, rules) };
  return exportMembers({ actor: account.marketer, sectionId }, opened, { columns: chosen, asOf });
}

async function textOf(lines: AsyncGenerator<string>): Promise<string> {
  let text = '';
  for await (const line of lines) text += line;
  return text;
}

/** The rows of the file, the header first. */
async function fileOf(node?: RuleNode, chosen?: readonly string[], asOf?: AsOf): Promise<string[][]> {
  return parse(await textOf(await start(node, chosen, asOf)), { record_delimiter: '\r\n' });
}

async function addKey(profileId: ProfileId, keyspaceId: KeyspaceId, key: string): Promise<void> {
  await execute(
    pool(),
    sql`insert into profile_key (section_id, keyspace_id, key, profile_id)
        values (${sectionId}, ${keyspaceId}, ${key}, ${profileId})`,
  );
}

/** Sessions of this database that are idle in a transaction. */
async function idleTransactions(): Promise<number> {
  const { sessions } = await one<{ sessions: number }>(
    pool(),
    sql`select count(*) as sessions from pg_stat_activity
        where datname = current_database() and state like 'idle in transaction%'`,
  );
  return sessions;
}

const tooMany = {
  code: 'too_many_requests',
  message: expect.stringContaining('Try again when one of them has finished') as string,
};

describe('an export’s columns', () => {
  it('are keys, attributes, tags, the date added and the last change, each with a unique title', async () => {
    const own = await makeAttribute(account.admin, sectionId, 'number', { name: 'Points' });
    const columns = await exportColumns(sectionId, account.accountId);
    const ids = columns.map(({ id }) => id);
    const { email, mobile, crm_id: crm } = account.keyspaces;
    expect(ids.slice(0, 3)).toEqual([`key:${email}`, `key:${mobile}`, `key:${crm}`]);
    expect(ids.slice(-4)).toEqual([`attribute:${own.code}`, 'tags', 'added', 'changed']);
    const [titles] = await fileOf();
    expect(titles).toEqual(columns.map(({ title }) => title));
    expect(new Set(titles).size).toBe(columns.length);
  });

  it('are only the chosen ones, in the chosen order, each once', async () => {
    const [profile] = await createTestProfiles(sectionId, 1);
    await tagProfiles(sectionId, [profile!], { apply: [tagId] });
    await addKey(profile!, account.keyspaces.crm_id, 'C-1');
    const chosen = ['tags', `key:${account.keyspaces.crm_id}`];
    expect(await fileOf(hasTag(tagId), chosen)).toEqual([
      ['Tags', 'CRM ID'],
      ['VIP', 'C-1'],
    ]);
    expect(await fileOf(hasTag(tagId), [...chosen, ...chosen])).toHaveLength(2);
  });

  it('are refused if unknown, hidden since, or of another section', async () => {
    const hidden = await makeAttribute(account.admin, sectionId, 'text');
    valueOf(await setAttributeHidden(account.admin, { sectionId, attributeId: hidden.id, hidden: true }));
    const other = await createTestSection(account.accountId, 'Other');
    const theirs = await makeAttribute(account.admin, other, 'text');
    const strangers = await createTestAccount();
    const wrong = [`attribute:${hidden.code}`, `attribute:${theirs.code}`, `key:${strangers.keyspaces.email}`];
    for (const column of [...wrong, 'nonsense', '', "tags'; drop table profile; --"]) {
      await expect(start(hasTag(tagId), ['tags', column])).rejects.toMatchObject({
        code: 'not_found',
        message: expect.stringContaining('Choose the columns again') as string,
      });
    }
  });
});

describe('an export’s cells', () => {
  it('are readable values of the right profile', async () => {
    const [first, second] = await createTestProfiles(sectionId, 2);
    await execute(
      pool(),
      sql`update profile set created_at = '2026-03-01T12:30:15.999Z' where section_id = ${sectionId} and id = ${first}`,
    );
    const attributes = {
      text: await makeAttribute(account.admin, sectionId, 'text', { name: 'a text' }),
      number: await makeAttribute(account.admin, sectionId, 'number', { name: 'b number' }),
      date: await makeAttribute(account.admin, sectionId, 'date', { name: 'c date' }),
      yes: await makeAttribute(account.admin, sectionId, 'boolean', { name: 'd yes' }),
      no: await makeAttribute(account.admin, sectionId, 'boolean', { name: 'e no' }),
    };
    await addKey(first!, account.keyspaces.email, 'åsa@example.com');
    await setAttributes(sectionId, first!, {
      [attributes.text.code]: 'Åsa "the best", Örebro\nnorth',
      [attributes.number.code]: -2.5,
      [attributes.date.code]: '2026-02-28',
      [attributes.yes.code]: true,
      [attributes.no.code]: false,
    });
    const chosen = Object.values(attributes).map(({ code }) => `attribute:${code}`);
    const [titles, ...lines] = await fileOf(hasNotTag(tagId), [`key:${account.keyspaces.email}`, ...chosen, 'added']);
    expect(titles).toEqual(['Email', 'a text', 'b number', 'c date', 'd yes', 'e no', 'Added']);
    expect(lines).toHaveLength(2);
    expect(lines).toContainEqual([
      'åsa@example.com',
      'Åsa "the best", Örebro\nnorth',
      '-2.5',
      '2026-02-28',
      'Yes',
      'No',
      '2026-03-01T12:30:15Z',
    ]);
    const blank = lines.find(([email]) => email === '');
    expect(blank).toEqual(['', '', '', '', '', '', expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/)]);
    expect(second).toBeGreaterThan(first!);
  });

  it('list the profile’s visible tags by name, and no others', async () => {
    const [profile] = await createTestProfiles(sectionId, 1);
    const [partner, hidden] = [await createTestTag(sectionId, 'partner'), await createTestTag(sectionId, 'Hidden')];
    await tagProfiles(sectionId, [profile!], { apply: [tagId, partner, hidden] });
    valueOf(await hideTag(account.admin, { sectionId, tagId: hidden }));
    expect(await fileOf(hasTag(tagId), ['tags'])).toEqual([['Tags'], ['partner|VIP']]);
  });

  it.each(['=cmd()', "=cmd|' /C calc'!A0", '+1+1', '-2+3', '@SUM(A1)', '\t=1+1', '\r=1+1'])(
    'are escaped where a spreadsheet would run them: %j',
    async (text) => {
      const [profile] = await createTestProfiles(sectionId, 1);
      const attribute = await makeAttribute(account.admin, sectionId, 'text');
      await setAttributes(sectionId, profile!, { [attribute.code]: text });
      await addKey(profile!, account.keyspaces.crm_id, text);
      const chosen = [`key:${account.keyspaces.crm_id}`, `attribute:${attribute.code}`];
      const safe = `'${text.replace(/^([\t\r])/, "$1'")}`;
      expect((await fileOf(hasNotTag(tagId), chosen))[1]).toEqual([safe, safe]);
    },
  );

  it('are escaped in titles and tag names too', async () => {
    const [profile] = await createTestProfiles(sectionId, 1);
    const attribute = await makeAttribute(account.admin, sectionId, 'text', { name: '=1+1' });
    const tag = await createTestTag(sectionId, '=cmd()');
    await tagProfiles(sectionId, [profile!], { apply: [tag, tagId] });
    expect(await fileOf(hasTag(tag), [`attribute:${attribute.code}`, 'tags'])).toEqual([
      ["'=1+1", 'Tags'],
      ['', "'=cmd()|VIP"],
    ]);
  });

  it('stay unchanged if they are plain numbers', async () => {
    const [profile] = await createTestProfiles(sectionId, 1);
    const attribute = await makeAttribute(account.admin, sectionId, 'number');
    await setAttributes(sectionId, profile!, { [attribute.code]: -5 });
    await addKey(profile!, account.keyspaces.mobile, '+46701234567');
    const chosen = [`key:${account.keyspaces.mobile}`, `attribute:${attribute.code}`];
    expect((await fileOf(hasNotTag(tagId), chosen))[1]).toEqual(['+46701234567', '-5']);
  });
});

describe('an export’s rows', () => {
  it('contain every member once, whatever the rules', async () => {
    const other = await createTestTag(sectionId, 'Other');
    const profiles = await createTestProfiles(sectionId, 12);
    for (const id of profiles) await addKey(id, account.keyspaces.crm_id, String(id));
    await tagProfiles(sectionId, profiles.slice(0, 7), { apply: [tagId] });
    await tagProfiles(sectionId, profiles.slice(4, 10), { apply: [other] });
    const at = new Date();
    await tagProfiles(sectionId, profiles.slice(8), { apply: [tagId], remove: [other] });
    const nodes = [
      hasTag(tagId),
      hasNotTag(tagId),
      anyOf(hasTag(tagId), hasTag(other)),
      allOf(hasTag(tagId), hasTag(other)),
      noneOf(hasTag(tagId), hasTag(other)),
      anyOf(hasNotTag(tagId), allOf(hasTag(tagId), hasTag(other))),
    ];
    for (const node of nodes) {
      for (const asOf of [undefined, { at }]) {
        const [, ...lines] = await fileOf(node, [`key:${account.keyspaces.crm_id}`], asOf);
        const exported = lines.map(([id]) => Number(id)).sort((left, right) => left - right);
        expect(exported).toEqual(await membersIn(sectionId, rulesOf(node), asOf));
      }
    }
  });

  it('are only the titles if the segment has no members', async () => {
    expect(await textOf(await start(hasTag(tagId), ['tags', 'added']))).toBe('Tags,Added\r\n');
  });
});

describe('a large export', () => {
  let large: { sectionId: SectionId; tagId: TagId; profiles: ProfileId[] };
  beforeAll(async () => {
    sectionId = await createTestSection(account.accountId, 'Large export');
    tagId = await createTestTag(sectionId, 'VIP');
    large = { sectionId, tagId, profiles: await createTestProfiles(sectionId, 12_000) };
    await tagProfiles(sectionId, large.profiles.slice(0, 7_000), { apply: [tagId] });
  });
  beforeEach(() => {
    ({ sectionId, tagId } = large);
  });

  it('releases its connection and slot if the reader disconnects halfway', async () => {
    const before = pool().idleCount - pool().totalCount;
    for (let round = 0; round < 6; round++) {
      const lines = await start();
      expect((await lines.next()).value).toContain('Tags');
      if (round > 0) expect((await lines.next()).value).toContain('VIP');
      await lines.return(undefined);
      expect(await lines.next()).toEqual({ done: true, value: undefined });
    }
    const failed = await start();
    await failed.next();
    await failed.next();
    await expect(failed.throw(new Error('the socket was closed'))).rejects.toThrow('the socket was closed');
    expect(await idleTransactions()).toBe(0);
    expect(pool().idleCount - pool().totalCount).toBe(before);
    expect(await fileOf()).toHaveLength(7_001);
  });

  it('holds no resources until somebody reads it', async () => {
    for (let round = 0; round < 6; round++) await start();
    expect(await idleTransactions()).toBe(0);
    expect(await fileOf()).toHaveLength(7_001);
  });

  it('is refused with a reason while the person reads the maximum number of files, and works after one of them has ended', async () => {
    const others = await Promise.all(Array.from({ length: DOWNLOADS.perPerson }, () => start()));
    try {
      for (const lines of others) await lines.next();
      await expect(start()).rejects.toMatchObject(tooMany);
      await others[0]!.return(undefined);
      expect(await fileOf()).toHaveLength(7_001);
    } finally {
      for (const lines of others) await lines.return(undefined);
    }
  });

  it('is refused with a reason if one too many is requested before any is read', async () => {
    const requests = await Promise.allSettled(Array.from({ length: DOWNLOADS.perPerson + 1 }, () => start()));
    const begun = await Promise.allSettled(
      requests.map(async (item) => {
        if (item.status === 'rejected') throw item.reason;
        return item.value.next();
      }),
    );
    for (const one of requests) if (one.status === 'fulfilled') await one.value.return(undefined);
    const refused = begun.filter((item) => item.status === 'rejected');
    expect(refused).toHaveLength(1);
    expect(refused[0]!.reason).toMatchObject(tooMany);
  });

  it('releases its connection if the database cancels it', async () => {
    const lines = await start();
    await lines.next();
    await lines.next();
    // The next page is being prefetched.
    await expect.poll(idleTransactions).toBe(1);
    await execute(
      pool(),
      sql`select pg_terminate_backend(pid) from pg_stat_activity
          where datname = current_database() and state = 'idle in transaction'`,
    );
    await expect(textOf(lines)).rejects.toThrow();
    expect(await fileOf()).toHaveLength(7_001);
  });

  it('releases its slot if it got no connection', async () => {
    await closePool();
    setPoolOptions({ connectMs: 200 });
    const held: Tx[] = [];
    const waiting = await Promise.all([1, 2, 3, 4].map(() => start()));
    try {
      for (let nth = 0; nth < 20; nth++) held.push(await pool().connect());
      const failed = await Promise.allSettled(waiting.map((lines) => lines.next()));
      expect(failed.map(({ status }) => status)).toEqual(new Array(4).fill('rejected'));
    } finally {
      for (const connection of held) connection.release();
      await closePool();
      setPoolOptions({});
    }
    expect(await fileOf()).toHaveLength(7_001);
  });

  // Last, because it changes who has the tag.
  it('is a snapshot: gaining or losing the tag during the download changes nothing', async () => {
    const { profiles } = large;
    const lines = await start(hasTag(tagId), ['tags']);
    let text = '';
    for (let part = 0; part < 2; part++) text += (await lines.next()).value as string;
    const late = await createTestTag(sectionId, 'Late');
    await tagProfiles(sectionId, profiles.slice(7_000), { apply: [tagId] });
    await tagProfiles(sectionId, profiles.slice(0, 7_000), { apply: [late] });
    await tagProfiles(sectionId, profiles.slice(0, 3_000), { remove: [tagId] });
    text += await textOf(lines);
    const read = parse(text, { record_delimiter: '\r\n' });
    expect(read).toHaveLength(7_001);
    expect(new Set(read.map(([tags]) => tags))).toEqual(new Set(['Tags', 'VIP']));
  });
});
