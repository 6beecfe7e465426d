// What every command guarantees: permission, section, validation, one transaction, audit, one effect per request id.
import { randomUUID } from 'node:crypto';
import { beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { SectionIdSchema } from '@/lib/db/ids';
import { LostRace, pool } from '@/lib/db/pool';
import { execute, one, rows, sql } from '@/lib/db/sql';
import { createTestAccount, createTestSection, type TestAccount } from '@/testing/fixtures';
import { command } from './command';
import { refuse } from './refusal';

const addTag = command({
  name: 'test.add-tag',
  scope: 'section',
  allow: 'admins',
  input: z.object({
    sectionId: SectionIdSchema,
    name: z.string().min(1, 'Enter a name.'),
    thenRefuse: z.boolean().optional(),
  }),
  run: async ({ tx }, { sectionId, name, thenRefuse }) => {
    const made = await one<{ id: number }>(
      tx,
      sql`insert into tag (section_id, discriminator, name, name_key)
          values (${sectionId}, ${randomUUID()}, ${name}, ${name.toLowerCase()}) returning id`,
    );
    if (thenRefuse) refuse('conflict', 'No.');
    return made;
  },
  audit: ({ name }, { id }) => ({ summary: `Added ${name}`, subject: `tag:${id}` }),
});

let account: TestAccount;
beforeAll(async () => {
  account = await createTestAccount();
});

const tagsNamed = async (name: string) => rows(pool(), sql`select id from tag where name = ${name}`);

describe('a command', () => {
  it('refuses an actor that may not run it, and changes nothing', async () => {
    const result = await addTag(account.marketer, { sectionId: account.sectionId, name: 'Denied' });
    expect(result).toMatchObject({ ok: false, refusal: { code: 'not_allowed' } });
    expect(await tagsNamed('Denied')).toEqual([]);
  });

  it('names the invalid field', async () => {
    const result = await addTag(account.admin, { sectionId: account.sectionId, name: '' });
    expect(result).toEqual({ ok: false, refusal: { code: 'invalid', message: 'Enter a name.', field: 'name' } });
  });

  it('does not reveal sections of other accounts', async () => {
    const other = await createTestAccount();
    const result = await addTag(account.owner, { sectionId: other.sectionId, name: 'Trespass' });
    expect(result).toMatchObject({ ok: false, refusal: { code: 'not_found' } });
  });

  it('writes the audit log with who, what and from where', async () => {
    const result = await addTag(account.admin, { sectionId: account.sectionId, name: 'Audited' });
    expect(result.ok).toBe(true);
    const [entry] = await rows(
      pool(),
      sql`select actor_name, command, summary, ip, user_agent from audit_entry where account_id = ${account.accountId} order by id desc limit 1`,
    );
    expect(entry).toEqual({
      actor_name: 'Test admin',
      command: 'test.add-tag',
      summary: 'Added Audited',
      ip: '127.0.0.1',
      user_agent: 'test',
    });
  });

  it('rolls everything back if it refuses halfway', async () => {
    await addTag(account.admin, { sectionId: account.sectionId, name: 'Half', thenRefuse: true });
    expect(await tagsNamed('Half')).toEqual([]);
  });

  it('has one effect if a form is submitted twice, even concurrently', async () => {
    const requestId = randomUUID();
    const submit = () => addTag(account.admin, { sectionId: account.sectionId, name: 'Twice' }, { requestId });
    const [first, second] = await Promise.all([submit(), submit()]);
    expect(first).toEqual(second);
    expect(await submit()).toEqual(first);
    expect(await tagsNamed('Twice')).toHaveLength(1);
  });

  it('gives a repeated request the same answer, including dates', async () => {
    const answer = {
      at: new Date('2026-11-25T20:15:00.123Z'),
      text: '2026-11-25T20:15:00.123Z',
      list: [{ at: new Date(0) }],
    };
    const declared = {
      scope: 'account',
      allow: 'everyone',
      input: z.object({}),
      run: () => Promise.resolve(answer),
      audit: () => null,
    } as const;
    for (const tell of [
      command({ ...declared, name: 'test.tell' }),
      command({ ...declared, name: 'test.tell-secretly', secret: true }),
    ]) {
      const requestId = randomUUID();
      expect(await tell(account.admin, {}, { requestId })).toEqual({ ok: true, value: answer });
      expect(await tell(account.admin, {}, { requestId })).toEqual({ ok: true, value: answer });
    }
  });

  it('is retried from the start after a conflict with another writer', async () => {
    let runs = 0;
    const race = command({
      name: 'test.race',
      scope: 'section',
      allow: 'everyone',
      input: z.object({ sectionId: SectionIdSchema }),
      run: async ({ tx }, { sectionId }) => {
        await execute(
          tx,
          sql`insert into tag (section_id, discriminator, name, name_key)
              values (${sectionId}, ${randomUUID()}, 'Raced', 'raced')`,
        );
        if (++runs === 1) throw new LostRace();
        return {};
      },
      audit: () => null,
    });
    expect(await race(account.admin, { sectionId: account.sectionId })).toMatchObject({ ok: true });
    expect(runs).toBe(2);
    expect(await tagsNamed('Raced')).toHaveLength(1);
  });

  it('does not answer to another person’s request id', async () => {
    const requestId = randomUUID();
    await addTag(account.admin, { sectionId: account.sectionId, name: 'Mine' }, { requestId });
    const result = await addTag(account.owner, { sectionId: account.sectionId, name: 'Theirs' }, { requestId });
    expect(result).toMatchObject({ ok: false, refusal: { code: 'conflict' } });
  });
});

describe('the database itself', () => {
  it('keeps the audit log append-only', async () => {
    await expect(execute(pool(), sql`update audit_entry set summary = 'x'`)).rejects.toThrow('append-only');
    await expect(execute(pool(), sql`delete from audit_entry`)).rejects.toThrow('append-only');
    await expect(execute(pool(), sql`truncate audit_entry`)).rejects.toThrow('append-only');
  });

  it('refuses references from one section to another', async () => {
    const other = await createTestSection(account.accountId, 'Other');
    const tag = await one<{ id: number }>(
      pool(),
      sql`insert into tag (section_id, discriminator, name, name_key) values (${other}, ${randomUUID()}, 'Far', 'far') returning id`,
    );
    const profile = await one<{ id: number }>(
      pool(),
      sql`insert into profile (section_id) values (${account.sectionId}) returning id`,
    );
    const here = account.sectionId;
    await expect(
      execute(
        pool(),
        sql`insert into profile_tag (section_id, tag_id, profile_id) values (${here}, ${tag.id}, ${profile.id})`,
      ),
    ).rejects.toThrow('foreign key');
    await expect(
      execute(
        pool(),
        sql`insert into profile_tag (section_id, tag_id, profile_id) values (${other}, ${tag.id}, ${profile.id})`,
      ),
    ).rejects.toThrow('foreign key');
    await expect(
      execute(
        pool(),
        sql`insert into tag_change (section_id, tag_id, profile_id, action, visible, source) values (${here}, ${tag.id}, ${profile.id}, 1, true, 1)`,
      ),
    ).rejects.toThrow('foreign key');
  });
});
