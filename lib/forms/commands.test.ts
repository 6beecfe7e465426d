// Drafts and what is published of them.
import { beforeAll, describe, expect, it } from 'vitest';
import { valueOf } from '@/lib/access/refusal';
import { pool } from '@/lib/db/pool';
import { one, sql } from '@/lib/db/sql';
import { removeSender } from '@/lib/sending/commands';
import { hideTag } from '@/lib/tags/commands';
import { createTestAccount, createTestTag, type TestAccount } from '@/testing/fixtures';
import { TestForms } from '@/testing/forms';
import { readForms, readTemplateNames } from './reads';
import { readFormRule, setFormRule } from './rule';
import { copyForm, createForm, deleteForm, publishForm, saveForm, setFormOpen } from './commands';

let account: TestAccount;
let forms: TestForms;

beforeAll(async () => {
  account = await createTestAccount();
  forms = await TestForms.open(account);
});

const draft = async (name: string, more: Parameters<TestForms['document']>[0] = {}) => {
  const of = { sectionId: account.sectionId };
  const made = valueOf(await createForm(account.marketer, { ...of, name, document: forms.document(more) }));
  return { ...of, formId: made.id, seen: made.changedAt };
};
const rowOf = ({ formId }: { formId: number }) =>
  one<{ name: string; version: number | null; open: boolean }>(
    pool(),
    sql`select name, version, open from form where section_id = ${account.sectionId} and id = ${formId}`,
  );

describe('a draft', () => {
  it('is saved only over what the person has seen', async () => {
    const { seen, ...form } = await draft('Two editors');
    const saved = valueOf(
      await saveForm(account.marketer, { ...form, seen, name: 'First', document: forms.document() }),
    );
    // The same person, in another tab, and somebody else: each reads who it was, and nobody that the page has to go.
    const second = { ...form, seen, name: 'Second', document: forms.document() };
    const message = (words: string) => ({ ok: false, refusal: { code: 'conflict', message: words } });
    expect(await saveForm(account.marketer, second)).toMatchObject(
      message('You have changed this form in another tab or window since you opened it here.'),
    );
    expect(await saveForm(account.admin, second)).toMatchObject(
      message('Test user has changed this form since you opened it.'),
    );
    expect(await rowOf(form)).toMatchObject({ name: 'First' });
    valueOf(
      await saveForm(account.marketer, { ...form, seen: saved.changedAt, name: 'Third', document: forms.document() }),
    );
  });

  it('refers only to what its section has', async () => {
    const stranger = await createTestAccount();
    const tagId = await createTestTag(stranger.sectionId, 'Of somebody else');
    const of = {
      sectionId: account.sectionId,
      name: 'Foreign',
      document: forms.document({ tags: { apply: [tagId] } }),
    };
    expect(await createForm(account.marketer, of)).toMatchObject({ ok: false, refusal: { code: 'invalid' } });
  });

  it('is nothing to somebody of another account', async () => {
    const form = await draft('Ours');
    const stranger = await createTestAccount();
    for (const attempt of [
      publishForm(stranger.owner, form),
      copyForm(stranger.owner, form),
      deleteForm(stranger.owner, form),
    ])
      expect(await attempt).toMatchObject({ ok: false });
    expect(await rowOf(form)).toMatchObject({ version: null });
  });

  it('that was deleted is listed among those, until it is brought back', async () => {
    const form = await draft('For a while');
    const namesOf = async (deleted: boolean) =>
      valueOf(await readForms(account.marketer, { sectionId: account.sectionId, deleted })).map(({ name }) => name);
    valueOf(await deleteForm(account.marketer, form));
    expect(await namesOf(true)).toEqual(['For a while']);
    expect(await namesOf(false)).not.toContain('For a while');
    valueOf(await deleteForm(account.marketer, { ...form, deleted: false }));
    expect(await namesOf(true)).toEqual([]);
    expect(await namesOf(false)).toContain('For a while');
  });

  it('is copied under a name that is free', async () => {
    const form = await draft('Fair');
    expect(valueOf(await copyForm(account.marketer, form)).name).toBe('Fair (copy)');
    expect(valueOf(await copyForm(account.marketer, form)).name).toBe('Fair (copy 2)');
  });
});

describe('publishing', () => {
  it('makes a version each time, and opens the form', async () => {
    const form = await draft('Versions');
    expect(valueOf(await publishForm(account.marketer, form)).version).toBe(1);
    valueOf(await setFormOpen(account.marketer, { ...form, open: false }));
    expect(valueOf(await publishForm(account.marketer, form)).version).toBe(2);
    expect(await rowOf(form)).toMatchObject({ version: 2, open: true });
  });

  it('is refused with the reason while something in it is hidden', async () => {
    const tagId = await createTestTag(account.sectionId, 'Soon hidden');
    const form = await draft('Hidden', { tags: { apply: [tagId] } });
    valueOf(await hideTag(account.admin, { sectionId: account.sectionId, tagId }));
    const refused = await publishForm(account.marketer, form);
    expect(refused).toMatchObject({ ok: false, refusal: { code: 'hidden' } });
    expect(await rowOf(form)).toMatchObject({ version: null });
  });

  it('is refused while nobody could confirm', async () => {
    const own = await createTestAccount();
    const theirs = await TestForms.open(own);
    const of = { sectionId: own.sectionId };
    const { id: senderId } = await one<{ id: number }>(
      pool(),
      sql`select id from sender where section_id = ${own.sectionId}`,
    );
    const document = theirs.document({ optIn: { on: true, senderId } });
    const made = valueOf(await createForm(own.marketer, { ...of, name: 'Confirmed', document }));
    valueOf(await removeSender(own.admin, { ...of, senderId, removed: true }));
    const form = { ...of, formId: made.id, seen: made.changedAt };
    expect(await publishForm(own.marketer, form)).toMatchObject({
      ok: false,
      refusal: { message: expect.stringContaining('this section has no sender for email') as string },
    });
  });
});

it('a new form is offered a name that is free; a deleted one has given its name back', async () => {
  const of = { sectionId: account.sectionId };
  const names = async () => valueOf(await readTemplateNames(account.marketer, of));
  expect(await names()).toMatchObject({ newsletter: 'Newsletter sign-up', event: 'Event sign-up', empty: '' });
  const { formId } = await draft('newsletter  Sign-Up');
  expect(await names()).toMatchObject({ newsletter: 'Newsletter sign-up 2', event: 'Event sign-up' });
  valueOf(await deleteForm(account.marketer, { ...of, formId }));
  expect(await names()).toMatchObject({ newsletter: 'Newsletter sign-up' });
});

it('a section may want forms to be confirmed: Admins say so, publishing asks for it, and what was published before is named', async () => {
  const own = await createTestAccount();
  const theirs = await TestForms.open(own);
  const of = { sectionId: own.sectionId };
  const before = await theirs.form();
  expect(await setFormRule(own.marketer, { ...of, confirmation: 'consents' })).toMatchObject({ ok: false });
  valueOf(await setFormRule(own.admin, { ...of, confirmation: 'consents' }));
  expect(valueOf(await readFormRule(own.admin, of))).toMatchObject({
    rule: 'consents',
    unconfirmed: [{ id: before.formId }],
  });
  await expect(theirs.form()).rejects.toThrow('wants a form with a consent to be confirmed');
  const [step] = theirs.document().steps;
  const without = { steps: [{ ...step!, elements: step!.elements.filter(({ kind }) => kind !== 'consent') }] };
  await theirs.form(without);
  await theirs.form({ optIn: { on: true } });
  valueOf(await setFormRule(own.admin, { ...of, confirmation: 'all' }));
  await expect(theirs.form(without)).rejects.toThrow('wants every form to be confirmed');
  expect(valueOf(await readFormRule(own.admin, of)).unconfirmed).toHaveLength(2);
});
