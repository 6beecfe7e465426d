// Submissions that wait for a confirmation by email: nothing before the button, mails in limits, then everything.
import { randomUUID } from 'node:crypto';
import { beforeAll, describe, expect, it } from 'vitest';
import { valueOf } from '@/lib/access/refusal';
import type { AccountId, ProfileId, SubmissionId } from '@/lib/db/ids';
import { pool, transaction } from '@/lib/db/pool';
import { execute, one, rows, sql } from '@/lib/db/sql';
import { eraseProfile } from '@/lib/people/erase';
import { lockKey } from '@/lib/profiles/locks';
import { getProfile, listKeyspaces } from '@/lib/profiles/queries';
import { suppress } from '@/lib/suppression/change';
import { createTestAccount, type TestAccount } from '@/testing/fixtures';
import { TestForms } from '@/testing/forms';
import { confirmSubmission, readConfirmation } from './confirm';
import { listSubmissions } from './queries';
import { sendConfirmationAgain } from './send-again';
import { sendFormMails } from './send-mails';
import { confirmToken } from './token';
import { workSubmissions } from './work';

let account: TestAccount;
let forms: TestForms;

beforeAll(async () => {
  process.env.TAGWELL_URL = 'https://tagwell.example.org';
  account = await createTestAccount();
  forms = await TestForms.open(account);
});

const work = () => workSubmissions(account.sectionId);
const confirmLink = (id: SubmissionId) => confirmToken({ sectionId: account.sectionId, submissionId: id });

describe('double opt-in', () => {
  const on = { on: true };

  it('does nothing before the button is pressed, then everything; looking confirms nothing; twice is once', async () => {
    const form = await forms.form({ optIn: on, existing: 'overwrite' });
    const id = await forms.submit(form, { email: 'fia@example.com', first: 'Fia', news: true });
    await work();
    expect(await forms.submission(id)).toMatchObject({ state: 'pending', profileId: null });
    await sendFormMails(account.sectionId);
    const [mail] = await forms.mailsTo('fia@example.com');
    expect(mail).toBeDefined();
    const link = confirmLink(id);
    expect(await readConfirmation(link, new Date())).toMatchObject({ is: 'open', address: 'fia@example.com' });
    expect(await forms.submission(id)).toMatchObject({ state: 'pending' });
    expect(await confirmSubmission(link, new Date())).toMatchObject({ is: 'confirmed' });
    expect(await confirmSubmission(link, new Date())).toMatchObject({ is: 'confirmed' });
    await work();
    const { state, profileId } = await forms.submission(id);
    expect(state).toBe('done');
    expect(await forms.consentsOf(profileId)).toEqual([{ type: 'confirmed-opt-in', channel: 'email' }]);
    expect(await forms.tagsOf(profileId)).toMatchObject([{ tagId: forms.tags.lead }]);
    // The reminder, when its time comes, is for nobody.
    await sendFormMails(account.sectionId, { now: () => new Date(Date.now() + 4 * 86_400_000) });
    expect(await forms.mailsTo('fia@example.com')).toHaveLength(1);
  });

  it('gives tags before if that is wanted, but no consent; reminds once; a late or forged link does nothing', async () => {
    const form = await forms.form({ optIn: { on: true, tagsBefore: true, validDays: 5 } });
    const id = await forms.submit(form, { email: 'gil@example.com', news: true });
    await work();
    const { state, profileId } = await forms.submission(id);
    expect(state).toBe('pending');
    expect(await forms.tagsOf(profileId)).toMatchObject([{ tagId: forms.tags.lead }]);
    expect(await forms.consentsOf(profileId)).toEqual([]);
    await sendFormMails(account.sectionId);
    await sendFormMails(account.sectionId, { now: () => new Date(Date.now() + 4 * 86_400_000) });
    expect(await forms.mailsTo('gil@example.com')).toHaveLength(2);
    const late = new Date(Date.now() + 6 * 86_400_000);
    expect(await confirmSubmission(confirmLink(id), late)).toMatchObject({ is: 'expired' });
    const forged = `${confirmLink(id).slice(0, -1)}${confirmLink(id).endsWith('A') ? 'B' : 'A'}`;
    expect(await confirmSubmission(forged, new Date())).toBeNull();
    expect(await forms.submission(id)).toMatchObject({ state: 'pending' });
  });

  it('sends its mail again if somebody asks for that: once, only while it waits, and within the limits of the mailbox', async () => {
    const form = await forms.form({ optIn: { on: true, validDays: 5 } });
    const again = async (submissionId: SubmissionId) => {
      const of = { sectionId: account.sectionId, formId: form.formId, submissionId };
      const result = await sendConfirmationAgain(account.marketer, of);
      return result.ok ? 'sent' : result.refusal.message;
    };
    const id = await forms.submit(form, { email: 'lost@example.com' });
    expect(await again(id)).toContain('no confirmation');
    await work();
    expect(await again(id)).toContain('still on its way');
    await sendFormMails(account.sectionId);
    expect(await again(id)).toBe('sent');
    await sendFormMails(account.sectionId);
    const mails = await forms.mailsTo('lost@example.com');
    expect(mails).toHaveLength(2);
    const raw = Buffer.from(mails[1]!.text.slice(2), 'hex').toString();
    expect(raw.replaceAll('=\r\n', '')).toContain(confirmLink(id));
    expect(await again(id)).toContain('once more already');
    const [shown] = await listSubmissions(pool(), account.sectionId, form.formId, { state: null, limit: 1 });
    expect(shown).toMatchObject({ mail: 'sent', isSentAgain: true });
    // The third mail of this day is another submission's, and nothing goes beyond it.
    const other = await forms.submit(form, { email: 'lost@example.com', first: 'Lo' });
    await work();
    await sendFormMails(account.sectionId);
    expect(await forms.mailsTo('lost@example.com')).toHaveLength(3);
    expect(await again(other)).toContain('enough of these mails');
    const late = await forms.submit(form, { email: 'late.again@example.com' });
    await work();
    await sendFormMails(account.sectionId);
    await execute(
      pool(),
      sql`
        update form_submission set worked_at = worked_at - interval '6 days', at = at - interval '6 days'
        where section_id = ${account.sectionId} and id = ${late}`,
    );
    expect(await again(late)).toContain('valid no longer');
    await confirmSubmission(confirmLink(id), new Date());
    expect(await again(id)).toContain('no confirmation');
  });

  it('sends a stranger at most three mails a day, whatever forms there are', async () => {
    const two = [await forms.form({ optIn: on }), await forms.form({ optIn: on })];
    for (let nth = 0; nth < 6; nth++)
      await forms.submit(two[nth % 2]!, { email: 'victim@example.com', first: `${nth}` });
    await work();
    await sendFormMails(account.sectionId);
    expect(await forms.mailsTo('victim@example.com')).toHaveLength(3);
    const shown = await Promise.all(
      two.map(({ formId }) => listSubmissions(pool(), account.sectionId, formId, { state: 'pending', limit: 10 })),
    );
    expect(shown.flat().filter(({ mail }) => mail === 'limited')).toHaveLength(3);
  });

  it('asks a stranger who never answers twelve times in a month, and who answers again and again', async () => {
    const form = await forms.form({ optIn: { on: true, remindAfterDays: null } });
    const mails = async (name: string, answers: boolean) => {
      for (let day = 0; day < 7; day++) {
        const at = new Date(Date.now() - (8 - day) * 86_400_000);
        for (let nth = 0; nth < 2; nth++) {
          const id = await forms.submit(form, { email: `${name}@example.com`, first: `${day} ${nth}` }, { now: at });
          await workSubmissions(account.sectionId, { now: () => at });
          if (answers) await confirmSubmission(confirmLink(id), at);
        }
      }
      await sendFormMails(account.sectionId);
      const sent = await rows<{ kind: string }>(
        pool(),
        sql`
          select kind from form_mail
          where section_id = ${account.sectionId} and address_key = ${`${name}@example.com`} and state <> 'limited'`,
      );
      return sent.length;
    };
    expect(await mails('silent', false)).toBe(12);
    expect(await mails('keen', true)).toBe(14);
  });

  it('counts all the addresses that lead to one mailbox, and reminds it once', async () => {
    const form = await forms.form({ optIn: on });
    for (let nth = 0; nth < 6; nth++) await forms.submit(form, { email: `stranger+${nth}@example.com` });
    for (const email of ['s.t.range@gmail.com', 'st.range@gmail.com', 'strange+a@gmail.com', 'strange@googlemail.com'])
      await forms.submit(form, { email });
    await work();
    await sendFormMails(account.sectionId);
    await sendFormMails(account.sectionId, { now: () => new Date(Date.now() + 4 * 86_400_000) });
    const sent = await rows<{ address: string }>(
      pool(),
      sql`
        select to_address as address from caught_mail
        where section_id = ${account.sectionId} and for_everyone and (to_address like 'stranger+%' or to_address like 's%t%range%@g%mail.com')`,
    );
    expect(sent).toHaveLength(2 * (3 + 1));
  });

  it('writes nothing into a known profile before, and gives a new one no further key', async () => {
    const { attributes } = forms;
    const mobile = await one<{ id: number }>(
      pool(),
      sql`select id from attribute where section_id = ${account.sectionId} and code = 'mobile'`,
    );
    const input = { kind: 'input' as const };
    const form = await forms.form({
      optIn: { on: true, tagsBefore: true },
      steps: [
        {
          id: 's1',
          elements: [
            { ...input, id: 'email', type: 'email', label: 'Email', required: true },
            { ...input, id: 'first', type: 'text', label: 'First name', attributeId: attributes.first },
            { ...input, id: 'phone', type: 'mobile', label: 'Mobile', attributeId: mobile.id },
          ],
        },
      ],
    });
    await forms.submit(await forms.form(), { email: 'known@example.com' });
    await work();
    const ids = [
      await forms.submit(form, { email: 'known@example.com', first: 'Mallory', phone: '46701740605' }),
      await forms.submit(form, { email: 'unknown@example.com', first: 'Mallory', phone: '46701740606' }),
    ];
    await work();
    const held = async (id: SubmissionId) => {
      const { state, profileId } = await forms.submission(id);
      const profile = await getProfile(pool(), account.sectionId, profileId as ProfileId);
      return { state, first: profile?.attributes.firstname, phone: profile?.attributes.mobile };
    };
    expect(await held(ids[0]!)).toEqual({ state: 'pending', first: undefined, phone: undefined });
    expect(await held(ids[1]!)).toEqual({ state: 'pending', first: 'Mallory', phone: undefined });
    for (const id of ids) await confirmSubmission(confirmLink(id), new Date());
    await work();
    expect(await held(ids[0]!)).toEqual({ state: 'done', first: 'Mallory', phone: '46701740605' });
    expect(await held(ids[1]!)).toEqual({ state: 'done', first: 'Mallory', phone: '46701740606' });
  });

  it('writes to nobody who must not be stored again, and keeps nothing of them', async () => {
    const form = await forms.form({ optIn: on });
    const first = await forms.submit(await forms.form(), { email: 'never@example.com' });
    await work();
    const { profileId } = await forms.submission(first);
    valueOf(await eraseProfile(account.admin, { sectionId: account.sectionId, profileId }));
    const { accountId } = await one<{ accountId: AccountId }>(
      pool(),
      sql`select account_id as "accountId" from section where id = ${account.sectionId}`,
    );
    const keyspace = (await listKeyspaces(pool(), accountId)).find(({ kind }) => kind === 'email')!;
    await transaction((tx) => lockKey(tx, { sectionId: account.sectionId, keyspace }, 'never@example.com'));
    const id = await forms.submit(form, { email: 'never@example.com', first: 'Nia' });
    await work();
    expect(await forms.submission(id)).toMatchObject({ state: 'removed', answers: null });
    await sendFormMails(account.sectionId);
    expect(await forms.mailsTo('never@example.com')).toEqual([]);
  });

  it('waits for what may still come of a mail, and counts only attempts to send it', async () => {
    const form = await forms.form({ optIn: on });
    await forms.submit(form, { email: 'wait@example.com' });
    await work();
    const { sectionId } = account;
    // A process that was killed while it sent.
    const until = new Date(Date.now() + 9 * 60_000);
    await execute(
      pool(),
      sql`
        update form_mail set lease = ${randomUUID()}, lease_until = ${until}
        where section_id = ${sectionId} and address_key = 'wait@example.com' and kind = 'confirm'`,
    );
    await sendFormMails(sectionId);
    const job = await one<{ at: Date }>(
      pool(),
      sql`select run_at as at from graphile_worker.jobs where key = ${`form-mails:${sectionId}:later`}`,
    );
    expect(job.at).toEqual(until);
    await execute(pool(), sql`update sender set paused_at = ${new Date()} where section_id = ${sectionId}`);
    for (let hour = 1; hour < 12; hour++)
      await sendFormMails(sectionId, { now: () => new Date(Date.now() + hour * 3_600_000) });
    await execute(pool(), sql`update sender set paused_at = null where section_id = ${sectionId}`);
    const { attempts } = await one<{ attempts: number }>(
      pool(),
      sql`
        select attempts from form_mail
        where section_id = ${sectionId} and address_key = 'wait@example.com' and kind = 'confirm'`,
    );
    expect(attempts).toBe(0);
  });

  it('lifts a bounce of the address that was before it, whatever was ticked, but no complaint', async () => {
    const names = ['hard', 'quiet', 'angry', 'later'];
    const put = (name: string, reason: string) =>
      transaction((tx) =>
        suppress(
          tx,
          { sectionId: account.sectionId, userId: null },
          sql`
            select 'email' as channel, ${name}::text || '@example.com' as address_key, ${reason}::text as reason,
              '' as evidence`,
        ),
      );
    await put('hard', 'hard');
    await put('quiet', 'soft');
    await put('angry', 'complaint');
    const form = await forms.form({ optIn: on });
    for (const name of names) {
      const id = await forms.submit(form, { email: `${name}@example.com`, news: name !== 'quiet' });
      await work();
      await confirmSubmission(confirmLink(id), new Date());
      await new Promise((resolve) => setTimeout(resolve, 2));
      if (name === 'later') await put(name, 'hard');
      await work();
    }
    const left = await rows<{ key: string }>(
      pool(),
      sql`
        select address_key as key from suppression
        where section_id = ${account.sectionId} and lifted_at is null
          and address_key = any(${names.map((name) => `${name}@example.com`)}::text[])
        order by 1`,
    );
    expect(left.map(({ key }) => key)).toEqual(['angry@example.com', 'later@example.com']);
  });
});
