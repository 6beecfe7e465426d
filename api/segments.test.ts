// Segments over HTTP, against the real process.
import { parse } from 'csv-parse/sync';
import { beforeEach, describe, expect, it } from 'vitest';
import { usesOfTag } from '@/lib/accounts/tag-use';
import { setAttributeHidden } from '@/lib/used-in/attributes';
import type { OperationId, ProfileId, SectionId, SegmentId, TagId } from '@/lib/db/ids';
import { pool, transaction } from '@/lib/db/pool';
import { execute, one, rows, sql } from '@/lib/db/sql';
import { setEventTypeHidden } from '@/lib/events/commands';
import { bulkTag } from '@/lib/operations/bulk-tag';
import { undoOperation } from '@/lib/activity/commands';
import { updateSegment } from '@/lib/segments/commands';
import type { RuleNode } from '@/lib/segments/schema';
import { hideTag } from '@/lib/tags/commands';
import { SOURCES } from '@/lib/tags/source';
import {
  account,
  call,
  CRM,
  EMAIL,
  json,
  keyOf,
  makeKey,
  makeTag,
  problemOf,
  profilePath,
  section,
  server,
  token,
  tokenOf,
  withApi,
} from '@/testing/api';
import { createTestAccount, createTestProfiles, createTestSection, createTestTag, runToEnd } from '@/testing/fixtures';
import {
  allOf,
  created,
  did,
  hasKey,
  hasNotTag,
  hasTag,
  inSegment,
  makeAttribute,
  makeEventType,
  makeSegment,
  noneOf,
  onAttribute,
  rulesOf,
  tagProfiles,
  valueOf,
} from '@/testing/segments';

withApi();
beforeEach(async () => {
  await execute(pool(), sql`delete from api_rate`);
});

const inBoth = (keyspace = EMAIL) => `/audience/keyspaces/${keyspace}/sections/${section}`;

/** A saved segment with its API and lib identifiers. */
async function save(rules: RuleNode, name?: string, sectionId: SectionId = account.sectionId) {
  const id = await makeSegment(account.admin, sectionId, rules, name);
  return one<{ id: SegmentId; discriminator: string; name: string }>(
    pool(),
    sql`select id, discriminator, name from segment where section_id = ${sectionId} and id = ${id}`,
  );
}

async function discriminatorOf(sectionId: SectionId): Promise<string> {
  const found = await one<{ discriminator: string }>(
    pool(),
    sql`select discriminator from section where id = ${sectionId}`,
  );
  return found.discriminator;
}

/** Profiles with a key each. */
async function makeProfiles(count: number, { of = account.sectionId, keyspace = account.keyspaces.email } = {}) {
  const ids = await createTestProfiles(of, count);
  const keys = ids.map((id) => `${id}@example.com`);
  await execute(
    pool(),
    sql`insert into profile_key (section_id, keyspace_id, key, profile_id)
        select ${of}::int, ${keyspace}::int, key, id from unnest(${ids}::bigint[], ${keys}::text[]) made (id, key)`,
  );
  return { ids, keys };
}

async function guard(tagId: TagId, canRead: boolean, canWrite: boolean, keyspaceId = account.keyspaces.email) {
  await execute(
    pool(),
    sql`insert into tag_permission (section_id, tag_id, keyspace_id, can_read, can_write)
        values (${account.sectionId}, ${tagId}, ${keyspaceId}, ${canRead}, ${canWrite})`,
  );
}

async function until(holds: () => Promise<boolean>): Promise<void> {
  const end = Date.now() + 10_000;
  while (!(await holds())) {
    if (Date.now() > end) throw new Error('It did not come to that in time.');
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

const denied = (tagId: TagId) => usesOfTag(pool(), account.sectionId, tagId);

/** A segment whose tag was hidden afterwards. */
async function saveLost() {
  const tag = await makeTag('Lost');
  const segment = await save(hasTag(tag.id));
  valueOf(await hideTag(account.admin, { sectionId: account.sectionId, tagId: tag.id }));
  return segment;
}

/** A segment in another section of the account, and one in another account. */
async function saveElsewhere() {
  const sectionId = await createTestSection(account.accountId, `Elsewhere ${keyOf('')}`);
  const near = await save(noneOf(hasTag(await createTestTag(sectionId, 'Near'))), undefined, sectionId);
  const other = await createTestAccount();
  const rule = noneOf(hasTag(await createTestTag(other.sectionId, 'Far')));
  const id = await makeSegment(other.admin, other.sectionId, rule);
  const far = await one<{ discriminator: string }>(pool(), sql`select discriminator from segment where id = ${id}`);
  return { sectionId, near: near.discriminator, far: far.discriminator };
}

describe('the list of segments', () => {
  type Item = { discriminator: string; name: string; section_discriminator: string; needs_attention: boolean };
  const list = async (as = token) => (await json<{ items: Item[] }>('/audience/segments', 200, { as })).items;

  it('has those in the sections that the key may use, in the order of their names', async () => {
    const { id } = await makeTag('Listed');
    const [second, first] = [await save(hasTag(id), 'listed b'), await save(hasTag(id), 'Listed A')];
    const { sectionId, near, far } = await saveElsewhere();
    const items = await list();
    const own = items.filter(({ name }) => /^listed/i.test(name));
    expect(own).toEqual(
      [first, second].map(({ discriminator, name }) => ({
        discriminator,
        name,
        section_discriminator: section,
        needs_attention: false,
      })),
    );
    const named = items.map(({ discriminator }) => discriminator);
    expect(named).toContain(near);
    expect(named).not.toContain(far);
    const limited = await tokenOf(await makeKey({ sections: [sectionId] }));
    expect((await list(limited)).map(({ discriminator }) => discriminator)).toEqual([near]);
    await json(`/audience/segments/${near}`, 200, { as: limited });
    await json(`/audience/segments/${first.discriminator}`, 404, { as: limited });
  });

  it('describes the rules, and says what needs attention and why', async () => {
    const tag = await makeTag('Described');
    const { name } = await one<{ name: string }>(pool(), sql`select name from tag where id = ${tag.id}`);
    const segment = await save(hasTag(tag.id), 'Described');
    const user = await save(inSegment(segment.id), 'Uses described');
    const read = (of: { discriminator: string }) => json(`/audience/segments/${of.discriminator}`);
    expect(await read(segment)).toEqual({
      discriminator: segment.discriminator,
      name: 'Described',
      section_discriminator: section,
      needs_attention: false,
      description: '',
      rules_in_words: `Everyone who has ${name}.`,
      attention: [],
    });
    valueOf(await hideTag(account.admin, { sectionId: account.sectionId, tagId: tag.id }));
    // Clients see neither the names of hidden definitions nor who hid them.
    expect(await read(segment)).toMatchObject({
      needs_attention: true,
      rules_in_words: 'Everyone who has a hidden tag.',
      attention: ['It refers to a hidden tag.'],
    });
    expect(await read(user)).toMatchObject({
      attention: ['It uses the segment “Described”, which needs attention.'],
      rules_in_words: expect.stringContaining('Described') as string,
    });
    const items = (await list()).filter(({ needs_attention: needs }) => needs);
    expect(items.map((item) => item.name)).toEqual(['Described', 'Uses described']);
  });

  it('does not name hidden attributes or events that rules refer to', async () => {
    const { sectionId, admin } = account;
    const attribute = await makeAttribute(admin, sectionId, 'text', { name: 'Concealed value' });
    const event = await makeEventType(admin, sectionId, {}, 'Concealed deed');
    const rules = allOf(onAttribute(attribute.id, { test: 'is', text: 'x' }), did(event.id));
    const { discriminator } = await save(rules, 'Refers to both');
    const hidden = true;
    valueOf(await setAttributeHidden(admin, { sectionId, attributeId: attribute.id, hidden }));
    valueOf(await setEventTypeHidden(admin, { sectionId, eventTypeId: event.id, hidden }));
    const answer = await json(`/audience/segments/${discriminator}`);
    expect(answer).toMatchObject({
      rules_in_words: 'Everyone whose hidden attribute is “x” and who has the event (hidden).',
      attention: ['It refers to a hidden attribute.', 'It refers to a hidden event.'],
    });
    expect(JSON.stringify(answer)).not.toMatch(/Concealed|Test admin/);
  });

  it('is refused for sections that are missing or in another account', async () => {
    const { far } = await saveElsewhere();
    for (const ref of ['none', far, '%00', 'a'.repeat(250)]) {
      const answer = await call(`/audience/segments/${ref}`);
      expect([400, 404]).toContain(answer.status);
      await problemOf(answer);
    }
  });
});

describe('evaluations', () => {
  type Answer = { matches: { segments: Record<string, boolean> } };
  const evaluate = (key: string, refs: string[], { status = 200, as = token, keyspace = EMAIL, ...more } = {}) =>
    json<Answer & { detail: string }>(`${profilePath(key, keyspace)}/evaluations`, status, {
      method: 'POST',
      body: { segments: refs.map((discriminator) => ({ discriminator })), ...more },
      as,
    });

  it('say in which segments a profile is, also for a read-only key', async () => {
    const { id } = await makeTag('Evaluated');
    const { ids, keys } = await makeProfiles(1);
    await tagProfiles(account.sectionId, ids, { apply: [id] });
    const segments = [
      await save(hasTag(id)),
      await save(hasNotTag(id)),
      await save(inSegment((await save(hasTag(id))).id)),
    ];
    const refs = segments.map(({ discriminator }) => discriminator);
    const as = await tokenOf(await makeKey({ canWrite: false }));
    const { matches } = await evaluate(keys[0]!.toUpperCase(), [...refs, refs[0]!], { as });
    expect(matches.segments).toEqual({ [refs[0]!]: true, [refs[1]!]: false, [refs[2]!]: true });
  });

  it('of many segments in several sections: none in a section without the key, and 404 if no section has it', async () => {
    const { keys } = await makeProfiles(1);
    const { near } = await saveElsewhere();
    const { id } = await makeTag('Several');
    const segments = [];
    for (let made = 0; made < 99; made++) segments.push(await save(made % 2 === 0 ? hasNotTag(id) : hasTag(id)));
    const refs = segments.map(({ discriminator }) => discriminator);
    const { matches } = await evaluate(keys[0]!, [...refs, near]);
    expect(Object.keys(matches.segments)).toEqual([...refs, near]);
    expect(matches.segments[near]).toBe(false);
    refs.forEach((ref, index) => expect(matches.segments[ref]).toBe(index % 2 === 0));
    await evaluate(keyOf('nobody'), refs, { status: 404 });
    await evaluate(keys[0]!, [near], { status: 404 });
    await evaluate(keys[0]!, [...refs, near, 'one-more'], { status: 400 });
    await evaluate(keys[0]!, [], { status: 400 });
    await evaluate('no address', refs, { status: 400 });
  });

  it('work for more segments than fit into one statement', async () => {
    const { ids, keys } = await makeProfiles(1);
    const { id } = await makeTag('Many conditions');
    await tagProfiles(account.sectionId, ids, { apply: [id] });
    const refs: string[] = [];
    for (let made = 0; made < 7; made++) {
      const one = made % 2 === 0 ? hasTag(id) : hasNotTag(id);
      refs.push((await save(allOf(...Array<RuleNode>(180).fill(one)))).discriminator);
    }
    const { matches } = await evaluate(keys[0]!, refs);
    expect(Object.entries(matches.segments)).toEqual(refs.map((ref, index) => [ref, index % 2 === 0]));
    const { detail } = await json<{ detail: string }>('/audience/profiles/reports/segments', 400, {
      method: 'POST',
      body: { section_discriminator: section, segments: refs },
    });
    expect(detail).toContain('Request fewer segments');
  });

  it('use the time zone of the call', async () => {
    const { ids, keys } = await makeProfiles(1);
    await execute(pool(), sql`update profile set created_at = '2026-03-01T23:30:00Z' where id = ${ids[0]}`);
    const day = (from: string) => created({ kind: 'between', from, to: from });
    const [first, second] = [await save(day('2026-03-01')), await save(day('2026-03-02'))];
    const user = await save(inSegment(second.id));
    const refs = [first, second, user].map(({ discriminator }) => discriminator);
    const answers = async (more = {}) => Object.values((await evaluate(keys[0]!, refs, more)).matches.segments);
    expect(await answers()).toEqual([true, false, false]);
    expect(await answers({ time_zone: 'Europe/Stockholm' })).toEqual([false, true, true]);
    await evaluate(keys[0]!, refs, { status: 400, ...{ time_zone: 'Mars/Base' } });
  });

  it('name what is missing or in another account', async () => {
    const { keys } = await makeProfiles(1);
    const { near, far } = await saveElsewhere();
    await evaluate(keys[0]!, ['none'], { status: 404 });
    await evaluate(keys[0]!, [far], { status: 404 });
    const limited = await tokenOf(await makeKey({ sections: [account.sectionId] }));
    await evaluate(keys[0]!, [near], { status: 404, as: limited });
    const byCrm = await tokenOf(await makeKey({ keyspaces: [account.keyspaces.crm_id] }));
    await evaluate(keys[0]!, [near], { status: 404, as: byCrm });
  });

  it('fail closed: a hidden tag is a conflict with the reason, also in a nested segment', async () => {
    const { keys } = await makeProfiles(1);
    const lost = await saveLost();
    const tag = await makeTag('Well');
    const well = await save(hasTag(tag.id));
    const { detail } = await evaluate(keys[0]!, [well.discriminator, lost.discriminator], { status: 409 });
    expect(detail).toBe(`The segment “${lost.name}” needs attention: It refers to a hidden tag.`);
  });

  it('are refused if the keyspace may not read a tag in the rules, and the refusal is counted', async () => {
    const { ids, keys } = await makeProfiles(1);
    const { id } = await makeTag('Secret');
    await guard(id, false, true);
    await tagProfiles(account.sectionId, ids, { apply: [id] });
    const segment = await save(hasNotTag(id), 'Secret ones');
    const user = await save(noneOf(inSegment(segment.id)));
    const { detail } = await evaluate(keys[0]!, [segment.discriminator], { status: 403 });
    expect(detail).toContain('“Secret ones” uses the tag “Secret');
    await evaluate(keys[0]!, [user.discriminator], { status: 403 });
    await evaluate(keyOf('nobody'), [user.discriminator], { status: 403 });
    expect(await denied(id)).toMatchObject([{ keyspace: 'Email', deniedReads: 3, deniedWrites: 0 }]);
    await execute(
      pool(),
      sql`insert into profile_key (section_id, keyspace_id, key, profile_id)
          values (${account.sectionId}, ${account.keyspaces.crm_id}, ${keys[0]}, ${ids[0]})`,
    );
    const { matches } = await evaluate(keys[0]!, [user.discriminator], { keyspace: CRM });
    expect(matches.segments).toEqual({ [user.discriminator]: true });
  });
});

describe('the count of a segment', () => {
  const count = (ref: string, status = 200, as = token) =>
    json<{ count: number; detail: string }>(`/audience/sections/${section}/segments/${ref}/count`, status, { as });

  it('is exact, also for a read-only key', async () => {
    const { id } = await makeTag('Counted');
    const { ids } = await makeProfiles(7);
    await tagProfiles(account.sectionId, ids.slice(0, 4), { apply: [id] });
    const segment = await save(hasTag(id));
    const as = await tokenOf(await makeKey({ canWrite: false, keyspaces: [account.keyspaces.crm_id] }));
    expect(await count(segment.discriminator, 200, as)).toEqual({ count: 4 });
    await tagProfiles(account.sectionId, ids.slice(0, 1), { remove: [id] });
    expect(await count(segment.discriminator)).toEqual({ count: 3 });
  });

  it('is refused for segments outside the section and those that need attention', async () => {
    const { near, far, sectionId } = await saveElsewhere();
    for (const ref of ['none', near, far]) await count(ref, 404);
    await json(`/audience/sections/${await discriminatorOf(sectionId)}/segments/${near}/count`);
    const lost = await saveLost();
    expect((await count(lost.discriminator, 409)).detail).toContain('needs attention: It refers to a hidden tag.');
  });

  describe('that takes too long', () => {
    const waiting = () =>
      rows<{ pid: number }>(
        pool(),
        sql`select pid from pg_stat_activity
            where datname = current_database() and wait_event_type = 'Lock' and query like '%count(*)%'`,
      );
    /** Runs `work` while reads of `profile` are blocked. */
    async function withProfilesLocked(work: (pathOfCount: string) => Promise<void>): Promise<void> {
      const { id } = await makeAttribute(account.admin, account.sectionId, 'boolean');
      const segment = await save(onAttribute(id, { test: 'yes' }));
      await transaction(async (tx) => {
        await execute(tx, sql`lock table profile in access exclusive mode`);
        await work(`/audience/sections/${section}/segments/${segment.discriminator}/count`);
      });
    }

    it('is cancelled, and the answer says what to do', async () => {
      await withProfilesLocked(async (path) => {
        const response = call(path);
        await until(async () => (await waiting()).length === 1);
        // What PostgreSQL does itself when the statement timeout expires.
        await execute(pool(), sql`select pg_cancel_backend(${(await waiting())[0]!.pid}::int)`);
        const answer = await response;
        expect(answer.status).toBe(408);
        expect((await problemOf(answer)).detail).toContain('simplify the segment');
      });
    });

    it('is cancelled when the client disconnects', async () => {
      await withProfilesLocked(async (path) => {
        const disconnect = new AbortController();
        const response = fetch(`${server.address}${path}`, {
          headers: { authorization: `Bearer ${token}` },
          signal: disconnect.signal,
        }).catch((error: Error) => error.name);
        await until(async () => (await waiting()).length === 1);
        disconnect.abort();
        expect(await response).toBe('AbortError');
        await until(async () => (await waiting()).length === 0);
      });
      expect(server.output()).not.toContain('an API call failed');
    });
  });
});

describe('the profiles in a segment', () => {
  type Page = { items: { profile_key: string }[]; next: string | null; detail: string };
  const page = (ref: string, { query = '', status = 200, keyspace = EMAIL, as = token } = {}) =>
    json<Page>(`${inBoth(keyspace)}/segments/${ref}/profiles${query}`, status, { as });

  it('are listed page by page, in order, if they have a key in the keyspace', async () => {
    const { id } = await makeTag('Members');
    const { ids, keys } = await makeProfiles(25);
    const byCrm = await makeProfiles(5, { keyspace: account.keyspaces.crm_id });
    await tagProfiles(account.sectionId, [...ids, ...byCrm.ids], { apply: [id] });
    const { discriminator } = await save(hasTag(id));
    const as = await tokenOf(await makeKey({ canWrite: false }));
    const seen: string[] = [];
    let pages = 0;
    for (let after: string | null = '0'; after !== null; pages++) {
      const found: Page = await page(discriminator, { query: `?limit=10&after=${after}`, as });
      seen.push(...found.items.map(({ profile_key: key }) => key));
      after = found.next;
    }
    expect(seen).toEqual(keys);
    expect(pages).toBe(4);
    const crm = await page(discriminator, { keyspace: CRM });
    expect(crm).toEqual({ items: byCrm.keys.map((key) => ({ profile_key: key })), next: null });
    await page(discriminator, { query: '?limit=0', status: 400 });
    await page(discriminator, { query: '?after=x', status: 400 });
  });

  it('are refused if the keyspace may not read a tag in the rules, and the refusal is counted', async () => {
    const { id } = await makeTag('Guarded members');
    await guard(id, false, true);
    const segment = await save(hasTag(id));
    const user = await save(noneOf(inSegment(segment.id)));
    await page(segment.discriminator, { status: 403 });
    await page(user.discriminator, { status: 403 });
    await page(user.discriminator, { keyspace: CRM });
    expect(await denied(id)).toMatchObject([{ keyspace: 'Email', deniedReads: 2 }]);
  });

  it('are refused for segments that are missing, not for this key, or need attention', async () => {
    const { near, far } = await saveElsewhere();
    for (const ref of ['none', near, far]) await page(ref, { status: 404 });
    const byCrm = await tokenOf(await makeKey({ keyspaces: [account.keyspaces.crm_id] }));
    const segment = await save(hasKey(account.keyspaces.email));
    await page(segment.discriminator, { status: 404, as: byCrm });
    await page((await saveLost()).discriminator, { status: 409 });
  });
});

describe('a job on a segment', () => {
  type Job = { job_id: string; status: string; total: number; summary: string; error: string; detail: string };
  type Asked = { status?: number; as?: string; headers?: Record<string, string> };
  const start = (ref: string, body: object, { status = 202, ...more }: Asked = {}) =>
    json<Job>(`${inBoth()}/segments/${ref}/tags/jobs`, status, { method: 'POST', body, ...more });
  const ask = (id: string) => json<Job>(`/audience/sections/${section}/jobs/${id}`);
  const runJob = (id: string) => runToEnd(account.sectionId, Number(id) as OperationId);
  const holders = async (tagId: TagId) => {
    const found = await rows<{ id: ProfileId }>(
      pool(),
      sql`select profile_id as id from profile_tag where section_id = ${account.sectionId} and tag_id = ${tagId} order by 1`,
    );
    return found.map(({ id }) => id);
  };
  const ledger = (tagId: TagId) =>
    rows<{ source: number; apiKeyId: number | null; userId: number | null }>(
      pool(),
      sql`select distinct source, api_key_id as "apiKeyId", user_id as "userId" from tag_change where tag_id = ${tagId}`,
    );

  it('tags everyone in it, with source API, and can be undone', async () => {
    const [lead, vip] = [await makeTag('Lead'), await makeTag('Job VIP')];
    const { ids } = await makeProfiles(12);
    await tagProfiles(account.sectionId, ids.slice(0, 9), { apply: [lead.id] });
    const segment = await save(hasTag(lead.id));
    const key = await makeKey({ name: 'Night job' });
    const started = await start(
      segment.discriminator,
      { apply: [vip.discriminator], remove: [String(lead.id)] },
      { as: await tokenOf(key) },
    );
    expect(started).toMatchObject({ status: 'queued', total: 9 });
    expect(await runJob(started.job_id)).toEqual({ profiles: 9, applied: 9, removed: 9 });
    expect(await ask(started.job_id)).toMatchObject({ status: 'done', progress: 9 });
    expect(await holders(vip.id)).toEqual(ids.slice(0, 9));
    expect(await holders(lead.id)).toEqual([]);
    expect(await ledger(vip.id)).toEqual([{ source: SOURCES.api, apiKeyId: key.id, userId: null }]);
    const operationId = Number(started.job_id);
    const { undoId } = valueOf(await undoOperation(account.marketer, { sectionId: account.sectionId, operationId }));
    expect(await runToEnd(account.sectionId, undoId)).toMatchObject({ undone: 18, kept: 0 });
    expect(await holders(vip.id)).toEqual([]);
    expect(await holders(lead.id)).toEqual(ids.slice(0, 9));
  });

  it('uses the rules and the writable tags at the moment it was started', async () => {
    const [used, given] = [await makeTag('Asked'), await makeTag('Given')];
    const { ids } = await makeProfiles(3);
    await tagProfiles(account.sectionId, ids, { apply: [used.id] });
    const segment = await save(hasTag(used.id));
    const [first, second, third] = [
      await start(segment.discriminator, { apply: [given.discriminator] }),
      await start(segment.discriminator, { remove: [given.discriminator] }),
      await start(segment.discriminator, { apply: [given.discriminator] }),
    ];
    const { seen } = await one<{ seen: Date }>(
      pool(),
      sql`select changed_at as seen from segment where id = ${segment.id}`,
    );
    const change = { segmentId: segment.id, name: segment.name, rules: rulesOf(hasNotTag(used.id)), seen };
    valueOf(await updateSegment(account.admin, { sectionId: account.sectionId, ...change, seen: seen.toISOString() }));
    await runJob(first.job_id);
    expect(await holders(given.id)).toEqual(ids);
    await guard(given.id, true, false);
    await expect(runJob(second.job_id)).rejects.toThrow('may not be written through Email');
    await execute(pool(), sql`delete from tag_permission where tag_id = ${given.id}`);
    await guard(used.id, false, true);
    await expect(runJob(third.job_id)).rejects.toThrow('may not be read through Email');
    expect(await holders(given.id)).toEqual(ids);
  });

  it('started by a person stays a bulk change', async () => {
    const [used, given] = [await makeTag('By hand'), await makeTag('In bulk')];
    const { ids } = await makeProfiles(2);
    await tagProfiles(account.sectionId, ids, { apply: [used.id] });
    const { id: segmentId } = await save(hasTag(used.id));
    const selection = { kind: 'segment', segmentId };
    const { operationId } = valueOf(
      await bulkTag(account.marketer, { sectionId: account.sectionId, selection, apply: [given.id] }),
    );
    await runToEnd(account.sectionId, operationId);
    expect(await ledger(given.id)).toEqual([{ source: SOURCES.bulk, apiKeyId: null, userId: account.marketer.userId }]);
    await json(`/audience/sections/${section}/jobs/${operationId}`, 404);
  });

  it('takes effect once per Idempotency-Key', async () => {
    const { id, discriminator } = await makeTag('Once');
    const segment = await save(hasNotTag(id));
    const headers = { 'idempotency-key': keyOf('job') };
    const first = await start(segment.discriminator, { apply: [discriminator] }, { headers });
    const again = await start(segment.discriminator, { apply: [discriminator] }, { headers });
    expect(again.job_id).toBe(first.job_id);
    await start(segment.discriminator, { remove: [discriminator] }, { headers, status: 409 });
  });

  it('on an empty segment has nothing to do', async () => {
    const { id, discriminator } = await makeTag('Nobody');
    const segment = await save(hasTag(id));
    const started = await start(segment.discriminator, { apply: [discriminator] });
    expect(started.total).toBe(0);
    await runJob(started.job_id);
    expect(await ask(started.job_id)).toMatchObject({ status: 'done' });
  });

  it('is refused if tags may not be read or written, and the refusal is counted', async () => {
    const [secret, frozen, free] = [await makeTag('Unread'), await makeTag('Frozen'), await makeTag('Free')];
    await guard(secret.id, false, true);
    await guard(frozen.id, true, false);
    const [bySecret, byFrozen] = [await save(hasNotTag(secret.id)), await save(hasNotTag(frozen.id))];
    await start(bySecret.discriminator, { apply: [free.discriminator] }, { status: 403 });
    await start(byFrozen.discriminator, { apply: [free.discriminator] });
    await start(byFrozen.discriminator, { remove: [frozen.discriminator] }, { status: 403 });
    expect(await denied(secret.id)).toMatchObject([{ deniedReads: 1, deniedWrites: 0 }]);
    expect(await denied(frozen.id)).toMatchObject([{ deniedReads: 0, deniedWrites: 1 }]);
  });

  it('is refused if it asks for people without any tag, and one of the tags may not be read', async () => {
    const segment = await save({ kind: 'profile', test: 'has_no_tag' });
    const [free, closed] = [await makeTag('Given to all without a tag'), await makeTag('Closed')];
    await guard(closed.id, false, true);
    const { detail } = await start(segment.discriminator, { apply: [free.discriminator] }, { status: 403 });
    expect(detail).toContain('may not be read through Email');
  });

  it('is refused without tags, for a read-only key, and for a missing segment', async () => {
    const { id, discriminator } = await makeTag('Refused');
    const segment = await save(hasNotTag(id));
    const { near, far } = await saveElsewhere();
    const reader = await tokenOf(await makeKey({ canWrite: false }));
    await start(segment.discriminator, {}, { status: 400 });
    await start(segment.discriminator, { apply: ['usercreated.tags.none-0123456789'] }, { status: 404 });
    const { detail } = await start(segment.discriminator, { apply: [discriminator] }, { as: reader, status: 403 });
    expect(detail).toContain('may only read');
    for (const ref of ['none', near, far]) await start(ref, { apply: [discriminator] }, { status: 404 });
    await start((await saveLost()).discriminator, { apply: [discriminator] }, { status: 409 });
  });
});

describe('a report on segments', () => {
  type Asked = { export_id: string; download_url: string; detail: string };
  const ask = (segments: string[], { status = 202, as = token, ...more }: Record<string, unknown> = {}) =>
    json<Asked>('/audience/profiles/reports/segments', status as number, {
      method: 'POST',
      body: { section_discriminator: section, segments, ...more },
      as: as as string,
    });
  const linesOf = async (url: string) => parse(await (await fetch(url)).text());

  it('has a line for everyone in one of them, with a column for each', async () => {
    const [one_, two] = [await makeTag('Report one'), await makeTag('Report two')];
    const { ids, keys } = await makeProfiles(4);
    await tagProfiles(account.sectionId, ids.slice(0, 2), { apply: [one_.id] });
    await tagProfiles(account.sectionId, ids.slice(1, 3), { apply: [two.id] });
    const [first, second] = [await save(hasTag(one_.id), '=cmd()'), await save(hasTag(two.id), 'Second')];
    const as = await tokenOf(await makeKey({ canWrite: false, keyspaces: [account.keyspaces.email] }));
    const refs = [second.discriminator, first.discriminator, second.discriminator];
    const { download_url: url } = await ask(refs, { as });
    const answer = await fetch(url);
    expect(answer.headers.get('content-type')).toContain('text/csv');
    expect(parse(await answer.text())).toEqual([
      ['Email', 'Second', `'=cmd()`],
      [keys[0], 'false', 'true'],
      [keys[1], 'true', 'true'],
      [keys[2], 'true', 'false'],
    ]);
    await tagProfiles(account.sectionId, ids, { remove: [one_.id, two.id] });
    expect(await linesOf(url)).toEqual([['Email', 'Second', `'=cmd()`]]);
    expect((await fetch(`${url}x`)).status).toBe(404);
    expect((await fetch(url.replace('reports', 'exports'))).status).toBe(404);
  });

  it('may have any size, and releases everything when its reader disconnects', async () => {
    const { id } = await makeTag('Large report');
    const { ids } = await makeProfiles(23_000);
    await tagProfiles(account.sectionId, ids.slice(0, 12_000), { apply: [id] });
    await execute(pool(), sql`analyze`);
    const [inside, outside] = [await save(hasTag(id)), await save(hasNotTag(id))];
    const { download_url: url } = await ask([inside.discriminator, outside.discriminator]);
    const lines = (await linesOf(url)).slice(1);
    const { count } = await one<{ count: number }>(
      pool(),
      sql`select count(*) as count from profile where section_id = ${account.sectionId}`,
    );
    expect(lines).toHaveLength(count);
    expect(lines.filter((line) => line.at(-2) === 'true')).toHaveLength(12_000);
    expect(lines.every((line) => line.at(-1) !== line.at(-2))).toBe(true);
    const reading = () =>
      rows(
        pool(),
        sql`select from pg_stat_activity
            where datname = current_database() and state like 'idle in transaction%' and query like 'fetch%'`,
      );
    // More than the number of concurrent reads allowed.
    for (let turn = 0; turn < 6; turn++) {
      const disconnect = new AbortController();
      let answer: Response | undefined;
      // The place of the last reader is free a moment after its transaction has ended.
      await until(async () => (answer = await fetch(url, { signal: disconnect.signal })).status === 200);
      await answer!.body!.getReader().read();
      disconnect.abort();
      await until(async () => (await reading()).length === 0);
    }
  });

  it('holds nothing after a HEAD request', async () => {
    const { id } = await makeTag('Head of a report');
    await tagProfiles(account.sectionId, (await makeProfiles(3)).ids, { apply: [id] });
    const { download_url: url } = await ask([(await save(hasTag(id))).discriminator]);
    // More than the number of concurrent reads allowed.
    for (let turn = 0; turn < 6; turn++) {
      const head = await fetch(url, { method: 'HEAD' });
      expect(head.status).toBe(200);
      expect(head.headers.get('content-type')).toContain('text/csv');
    }
    expect(await linesOf(url)).toHaveLength(4);
  });

  it('is refused if one of its keyspaces may not read a tag, and the refusal is counted', async () => {
    const { id } = await makeTag('Not for CRM');
    await guard(id, false, true, account.keyspaces.crm_id);
    const { discriminator } = await save(hasTag(id));
    const { detail } = await ask([discriminator], { status: 403 });
    expect(detail).toContain('may not be read through CRM ID');
    expect(await denied(id)).toMatchObject([{ keyspace: 'CRM ID', deniedReads: 1 }]);
    const { download_url: url } = await ask([discriminator], { keyspace_discriminators: [EMAIL] });
    expect((await fetch(url)).status).toBe(200);
    await guard(id, false, true);
    expect((await fetch(url)).status).toBe(403);
    expect(await denied(id)).toMatchObject([{ keyspace: 'Email', deniedReads: 1 }, { keyspace: 'CRM ID' }]);
  });

  it('is refused for segments that are missing or need attention, also if that happened later', async () => {
    const tag = await makeTag('Hidden later');
    const segment = await save(hasTag(tag.id));
    const { near, far } = await saveElsewhere();
    for (const ref of ['none', near, far]) await ask([segment.discriminator, ref], { status: 404 });
    await ask([segment.discriminator], { status: 404, section_discriminator: 'none' });
    await ask([segment.discriminator], { status: 404, keyspace_discriminators: ['none'] });
    await ask([], { status: 400 });
    await ask(Array<string>(51).fill(segment.discriminator), { status: 400 });
    await ask([(await saveLost()).discriminator], { status: 409 });
    const { download_url: url } = await ask([segment.discriminator]);
    valueOf(await hideTag(account.admin, { sectionId: account.sectionId, tagId: tag.id }));
    const late = await fetch(url);
    expect(late.status).toBe(409);
    expect((await problemOf(late)).detail).toContain('needs attention');
  });
});
