// Refusals of mail servers are bounces that come at once. They are written with what became of the mail, and taken from there, so that sending does not wait
// for it and a crash loses none.
import type { SectionId, SenderId } from '@/lib/db/ids';
import { pool } from '@/lib/db/pool';
import { rows, sql } from '@/lib/db/sql';
import { isBounceClass } from './bounce-class';
import { recordAnswers } from './bounces';

const AT_ONCE = 1_000;

type Refused = {
  number: number;
  senderId: SenderId;
  why: string | null;
  code: number | null;
  status: string | null;
  text: string | null;
  at: Date;
};

/** Notes all refusals that have not been noted, in every section. */
export async function noteRefusals(signal?: AbortSignal): Promise<void> {
  const sections = await rows<{ id: SectionId }>(
    pool(),
    sql`select distinct section_id as id from recipient where state = 'refused' and bounced_at is null`,
  );
  for (const { id } of sections) while (!signal?.aborted && (await noteSome(id)) === AT_ONCE);
}

async function noteSome(sectionId: SectionId): Promise<number> {
  const refused = await rows<Refused>(
    pool(),
    sql`
      select recipient.number, send.sender_id as "senderId", recipient.why, recipient.code, recipient.status,
        recipient.answer as text, coalesce(recipient.ended_at, recipient.tried_at, send.starts_at) as at
      from recipient
      join send on send.section_id = ${sectionId} and send.id = recipient.send_id
      where recipient.section_id = ${sectionId} and recipient.state = 'refused' and recipient.bounced_at is null
      order by recipient.number
      limit ${AT_ONCE}`,
  );
  for (const senderId of new Set(refused.map((each) => each.senderId))) {
    await recordAnswers(
      { sectionId, senderId },
      refused
        .filter((each) => each.senderId === senderId)
        .map(({ number, why, text, ...said }) => ({
          ...said,
          about: { number },
          said: { kind: 'bounce', why: isBounceClass(why) ? why : 'other' },
          id: '',
          text: text ?? '',
          via: 'refusal',
        })),
    );
  }
  return refused.length;
}
