// Ties what a provider tells to recipients: by our signature where it is quoted, and otherwise by the address, of which the newest mail of the sender is meant.
import { pool } from '@/lib/db/pool';
import { rows, sql, type Tx } from '@/lib/db/sql';
import { addressesOfFormMails, noteReturnedFormMails, readFormMail } from '@/lib/forms/mail-returns';
import { recordAnswers, type Answer, type Recorded } from '@/lib/messages/bounces';
import { readMessageIds } from '@/lib/messages/message-id';
import { readReturnTokens } from '@/lib/messages/return-address';
import { normaliseKey } from '@/lib/profiles/keys';
import type { SenderOf } from './state';

/** `named`: texts in which a return address or a Message-ID of ours may stand. */
export type Told = { address: string | null; named: readonly string[]; answer: Omit<Answer, 'about'> };

/** Mails that are older are not looked for by address. */
const DAYS = 60;

/** An answer. `formMail`: it is about a mail of a form, and so about the address that it went to. */
export type Tied = Answer & { formMail?: number };

/** What was told, about recipients where they are known, about addresses otherwise. What is about nobody is left out. */
export async function tieToRecipients(of: SenderOf, told: readonly Told[], now: Date): Promise<Tied[]> {
  const read = told.map(({ address, named, answer }) => {
    const key = address === null ? null : normaliseKey('email', address);
    const number = numberIn(of, named);
    const formMail = number === undefined ? readFormMail(of.sectionId, named.join('\n')) : undefined;
    return { number, key: key?.ok ? key.key : null, formMail, answer };
  });
  const ofForms = await tieToFormMails(
    of,
    read.flatMap(({ formMail, answer }) => (formMail === undefined ? [] : [{ ...answer, formMail }])),
  );
  const others = read.filter(({ formMail }) => formMail === undefined);
  return [...ofForms, ...(await tieOthers(of, others, now))];
}

type Untied = { number: number | null | undefined; key: string | null; answer: Omit<Answer, 'about'> };

async function tieOthers(of: SenderOf, read: readonly Untied[], now: Date): Promise<Answer[]> {
  const open = read.flatMap(({ number, key }) => (number === undefined && key !== null ? [key] : []));
  const newest = open.length > 0 ? await newestOf(of, open, now) : new Map<string, number>();
  return read.flatMap(({ number, key, answer }): Answer[] => {
    // It was a test, of which nobody is the recipient.
    if (number === null) return [];
    const known = number ?? (key === null ? undefined : newest.get(key));
    if (known !== undefined) return [{ ...answer, about: { number: known } }];
    return key === null ? [] : [{ ...answer, about: { address: key } }];
  });
}

/** What was told of mails of forms. Nothing is kept of those to people who were erased. */
export async function tieToFormMails(
  { sectionId }: SenderOf,
  told: readonly (Omit<Answer, 'about'> & { formMail: number })[],
): Promise<Tied[]> {
  const addresses = await addressesOfFormMails(
    pool(),
    sectionId,
    told.map(({ formMail }) => formMail),
  );
  return told.flatMap((answer): Tied[] => {
    const address = addresses.get(answer.formMail);
    // The same thing counts once, however often it is told.
    const id = `form ${answer.formMail} ${answer.said.kind} ${answer.said.why}`;
    return address === undefined ? [] : [{ ...answer, id, about: { address } }];
  });
}

/** Records answers, and notes those about mails of forms with them, in one transaction with what `along` does. */
export const record = (
  of: SenderOf,
  answers: readonly Tied[],
  along: (tx: Tx, recorded: Recorded) => Promise<void> = async () => undefined,
): Promise<Recorded> =>
  recordAnswers(of, answers, async (tx, recorded) => {
    const returned = answers.flatMap(({ formMail, said, text, at }) =>
      formMail === undefined
        ? []
        : [
            {
              id: formMail,
              state: STATES[said.kind],
              text,
              at,
              isFinal: said.kind === 'complaint' || said.why === 'address',
            },
          ],
    );
    await noteReturnedFormMails(tx, of.sectionId, returned);
    await along(tx, recorded);
  });

const STATES = { bounce: 'bounced', complaint: 'complained' } as const;

function numberIn({ sectionId }: SenderOf, named: readonly string[]): number | null | undefined {
  const text = named.join('\n');
  const [returned] = readReturnTokens(sectionId, text);
  return returned === undefined ? readMessageIds(sectionId, text)[0] : returned;
}

async function newestOf(
  { sectionId, senderId }: SenderOf,
  keys: readonly string[],
  now: Date,
): Promise<Map<string, number>> {
  const since = new Date(now.getTime() - DAYS * 86_400_000);
  const found = await rows<{ key: string; number: number }>(
    pool(),
    sql`
      select asked.key, newest.number
      from unnest(${[...new Set(keys)]}::text[]) asked (key)
      cross join lateral (
        select recipient.number
        from send
        join recipient
          on recipient.section_id = ${sectionId} and recipient.send_id = send.id
          and recipient.address_key = asked.key collate "C"
        where send.section_id = ${sectionId} and send.sender_id = ${senderId}
          -- Those that calls add people to stay open.
          and (send.starts_at >= ${since} or send.status = 'sending')
          and recipient.state in ('handing', 'sent', 'unknown', 'refused')
        order by recipient.number desc
        limit 1
      ) newest`,
  );
  return new Map(found.map(({ key, number }) => [key, number]));
}
