// Ties what a provider tells to recipients: by our signature where it is quoted, and otherwise by the address, of which the newest mail of the sender is meant.
import { pool } from '@/lib/db/pool';
import { rows, sql } from '@/lib/db/sql';
import type { Answer } from '@/lib/messages/bounces';
import { readMessageIds } from '@/lib/messages/message-id';
import { readReturnTokens } from '@/lib/messages/return-address';
import { normaliseKey } from '@/lib/profiles/keys';
import type { SenderOf } from './state';

/** `named`: texts in which a return address or a Message-ID of ours may stand. */
export type Told = { address: string | null; named: readonly string[]; answer: Omit<Answer, 'about'> };

/** Mails that are older are not looked for by address. */
const DAYS = 60;

/** What was told, about recipients where they are known, about addresses otherwise. What is about nobody is left out. */
export async function tieToRecipients(of: SenderOf, told: readonly Told[], now: Date): Promise<Answer[]> {
  const read = told.map(({ address, named, answer }) => {
    const key = address === null ? null : normaliseKey('email', address);
    return { number: numberIn(of, named), key: key?.ok ? key.key : null, answer };
  });
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
