// Mails that ask to confirm and come back, or are called spam: named by a signature of ours in their return address and in their Message-ID, as those of messages are.
import { isSignatureOf, signatureOf } from '@/lib/config/signature';
import type { SectionId } from '@/lib/db/ids';
import { execute, rows, sql, type Db, type Tx } from '@/lib/db/sql';
import { readReturnTokens, returnAddressOf } from '@/lib/messages/return-address';
import type { Returns } from '@/lib/sending/schema';
import { shortened } from '@/lib/text/shortened';

const USE = 'form mail';
const SIGNATURE = 10;
const MESSAGE_ID = /(?<![\w.-])form\.(\d{1,10}\.(\d{1,15}))\.([0-9a-f]{20})@/gi;
/** More in one mail are not looked at. */
const LOOKED_AT = 20;
const TEXT_MAX = 500;

type FormMail = { sectionId: SectionId; id: number };

/** Where a mail comes back to; null: to its sender. */
export const returnAddressOfFormMail = (returns: Returns | null, { sectionId, id }: FormMail): string | null =>
  returns && returnAddressOf(returns, { sectionId, number: id, use: 'form' });

/** Its Message-ID, the same on every attempt, without its brackets. */
export function messageIdOfFormMail({ sectionId, id }: FormMail, domain: string): string {
  const named = `${sectionId}.${id}`;
  return `form.${named}.${signatureOf(USE, named, SIGNATURE).toString('hex')}@${domain}`;
}

/** The first mail of the section's forms that stands in a text. */
export function readFormMail(sectionId: SectionId, text: string): number | undefined {
  const [returned] = readReturnTokens(sectionId, text, 'form');
  if (returned) return returned;
  const found = [...text.matchAll(MESSAGE_ID)].slice(0, LOOKED_AT).find(([, named, , given]) => {
    const signature = Buffer.from(given!, 'hex');
    return named!.startsWith(`${sectionId}.`) && isSignatureOf(USE, named!, signature, SIGNATURE);
  });
  return found && Number(found[2]);
}

/** The addresses that mails went to. Of people who were erased there is none. */
export async function addressesOfFormMails(
  db: Db,
  sectionId: SectionId,
  ids: readonly number[],
): Promise<Map<number, string>> {
  if (ids.length === 0) return new Map();
  const found = await rows<{ id: number; addressKey: string }>(
    db,
    sql`
      select mail.id, submission.address_key as "addressKey"
      from form_mail mail
      join form_submission submission
        on submission.section_id = ${sectionId} and submission.id = mail.submission_id
      where mail.section_id = ${sectionId} and mail.id = any(${ids}::bigint[]) and submission.address_key is not null`,
  );
  return new Map(found.map(({ id, addressKey }) => [id, addressKey]));
}

/** What was said of a mail. `isFinal`: nothing will ever reach that address, so no reminder is sent to it. */
export type ReturnedFormMail = {
  id: number;
  state: 'bounced' | 'complained';
  text: string;
  isFinal: boolean;
  at: Date;
};

/** Notes with the mails what became of them. A complaint stands, whatever else is said. */
export async function noteReturnedFormMails(
  tx: Tx,
  sectionId: SectionId,
  returned: readonly ReturnedFormMail[],
): Promise<void> {
  if (returned.length === 0) return;
  const sorted = returned.toSorted((one, other) => one.id - other.id);
  await execute(
    tx,
    sql`
      update form_mail mail
      set state = said.state, outcome = said.text, ended_at = said.at, next_at = null, lease = null, lease_until = null
      from (
        select distinct on (id) * from unnest(
          ${sorted.map(({ id }) => id)}::bigint[], ${sorted.map(({ state }) => state)}::text[],
          ${sorted.map(({ text }) => shortened(text, TEXT_MAX))}::text[], ${sorted.map(({ at }) => at)}::timestamptz[]
        ) given (id, state, text, at)
        order by id, state desc
      ) said
      where mail.section_id = ${sectionId} and mail.id = said.id and mail.state <> 'complained'`,
  );
  const final = sorted.filter(({ isFinal }) => isFinal).map(({ id }) => id);
  await execute(
    tx,
    sql`
      update form_mail reminder set state = 'cancelled', ended_at = ${sorted[0]!.at}, next_at = null
      from form_mail mail
      where reminder.section_id = ${sectionId} and reminder.state = 'waiting' and reminder.kind = 'reminder'
        and mail.section_id = ${sectionId} and mail.id = any(${final}::bigint[])
        and mail.submission_id = reminder.submission_id`,
  );
}
