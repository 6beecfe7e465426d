// Takes a submission: one insert. What follows from it is worked off afterwards, in sets (work.ts), so a visitor waits for nothing else, and
// nothing that happens there can lose what they have entered.
import { createHash } from 'node:crypto';
import type { SubmissionId } from '@/lib/db/ids';
import { RACE_CODES, transaction } from '@/lib/db/pool';
import { maybeOne, one, sql, type Sql, type Tx } from '@/lib/db/sql';
import { normaliseKey } from '@/lib/profiles/keys';
import type { OpenForm } from './open';
import { elementsOf, type Answers, type FormDocument, type SubmissionVia } from './schema';
import { addWorkJob, wakeWork } from './work-job';

/** From this score on a submission waits until somebody has looked at it. */
export const QUARANTINE_SCORE = 50;

/**
 * What somebody has sent, checked by `readAnswers`. `once`: of the page and its answers; the same again is not a second submission. `score`, `signs`: what
 * speaks for spam. `referrer`: the host of the page that led here, or ''. `proof`: of work, for this submission alone. `via`: the form's page if it is not
 * said. `repeatedSince`: the same answers of the same person, from then on, are not a second submission either: a browser that goes back may show another
 * page.
 */
export type Sent = {
  form: Pick<OpenForm, 'sectionId' | 'formId' | 'version' | 'document'>;
  answers: Answers;
  once: Buffer;
  referrer: string;
  score: number;
  signs: readonly string[];
  proof?: Buffer | null;
  repeatedSince?: Date;
  via?: SubmissionVia;
  now: Date;
};

/** `repeated`: it is there already. */
export type Accepted = { submissionId: SubmissionId; is: 'accepted' | 'repeated' };

/** The proof of work was used for another submission. */
export class ProofUsedError extends Error {}

/** The normalised address by which the person is found; null if it is not one. */
export function addressIn(document: FormDocument, answers: Answers): string | null {
  const { match } = document;
  const asked = elementsOf(document).find((element) => element.kind === 'input' && element.type === match);
  const answer = asked && answers[asked.id];
  if (typeof answer !== 'string') return null;
  const key = normaliseKey(match, answer);
  return key.ok ? key.key : null;
}

/** What was entered besides the address, as a fingerprint: the same from many addresses is a sign of spam. */
export function contentKeyOf(document: FormDocument, answers: Answers): Buffer | null {
  const texts = elementsOf(document).flatMap((element) => {
    const answer = answers[element.id];
    return element.kind === 'input' &&
      (element.type === 'text' || element.type === 'lines') &&
      typeof answer === 'string'
      ? [answer.trim().toLowerCase()]
      : [];
  });
  return texts.join('').length < CONTENT_MIN ? null : createHash('sha256').update(texts.join('\n')).digest();
}

/** Characters: names are often the same. */
const CONTENT_MIN = 30;

/** Takes a submission. Throws if it cannot be stored: the visitor is told, and keeps what was entered. */
export async function acceptSubmission(sent: Sent): Promise<Accepted> {
  const accepted = await transaction((tx) => store(tx, sent), RACE_CODES);
  if (isToBeWorked(sent, accepted)) await wakeWork(sent.form.sectionId);
  return accepted;
}

/** The same, as a part of a transaction. */
export async function acceptIn(tx: Tx, sent: Sent): Promise<Accepted> {
  const accepted = await store(tx, sent);
  if (isToBeWorked(sent, accepted)) await addWorkJob(tx, sent.form.sectionId);
  return accepted;
}

const isToBeWorked = (sent: Sent, { is }: Accepted): boolean => is === 'accepted' && stateOf(sent) === 'received';

async function store(tx: Tx, sent: Sent): Promise<Accepted> {
  const { form, once } = sent;
  const { sectionId, formId } = form;
  const made = await maybeOne<{ id: SubmissionId }>(tx, insertStatement(sent));
  if (made) return { submissionId: made.id, is: 'accepted' };
  const known = await maybeOne<{ id: SubmissionId }>(
    tx,
    sql`
      select id from form_submission
      where section_id = ${sectionId} and form_id = ${formId} and once = ${once}
      union all
      ${repetitionsOf(sent)}
      limit 1`,
  );
  if (!known) throw new ProofUsedError();
  return { submissionId: known.id, is: 'repeated' };
}

const stateOf = ({ score }: Sent) => (score >= QUARANTINE_SCORE ? 'quarantined' : 'received');

/** Stores a submission; no row if it is there already. */
export function insertStatement(sent: Sent): Sql {
  const { form, answers, once, referrer, score, signs, proof = null, via = 'page', now } = sent;
  const { sectionId, formId, version, document } = form;
  const state = stateOf(sent);
  return sql`
    insert into form_submission (
      section_id, form_id, version, once, proof, state, answers, address_key, content_key, via, referrer, score, signs,
      at, next_at
    )
    select
      ${sectionId}::int, ${formId}::int, ${version}::int, ${once}::bytea, ${proof}::bytea, ${state}::text,
      ${JSON.stringify(answers)}::jsonb, ${addressIn(document, answers)}::text, ${contentKeyOf(document, answers)}::bytea,
      ${via}::text, ${referrer}::text, ${score}::int, ${signs}::text[], ${now}::timestamptz,
      ${state === 'received' ? now : null}::timestamptz
    where not exists (${repetitionsOf(sent)})
    on conflict do nothing
    returning id`;
}

/**
 * The same answers of the same person lately, by id. What looked like spam is none: a program may have sent it in their name. They are looked up by the address
 * alone, which the fence keeps to: where nothing is known of the table, any index of the time seems as good, and thousands have come in that time.
 */
const repetitionsOf = ({ form: { sectionId, formId, document }, answers, repeatedSince }: Sent): Sql =>
  repeatedSince === undefined
    ? sql`select null::bigint as id where false`
    : sql`
        select recent.id
        from (
          select id, form_id, state, answers from form_submission
          where section_id = ${sectionId} and address_key = ${addressIn(document, answers)} collate "C"
            and at >= ${repeatedSince}
          offset 0
        ) recent
        where recent.form_id = ${formId} and recent.state not in ('quarantined', 'removed')
          and recent.answers = ${JSON.stringify(answers)}::jsonb`;

/** How often the same content was sent to the section's forms since a time. */
export async function repeatsOf(form: OpenForm, answers: Answers, since: Date): Promise<number> {
  const key = contentKeyOf(form.document, answers);
  if (key === null) return 0;
  const { repeats } = await transaction((tx) =>
    one<{ repeats: number }>(
      tx,
      sql`
        select count(*)::int as repeats from (
          select from form_submission
          where section_id = ${form.sectionId} and content_key = ${key} and at > ${since}
          limit 20
        ) recent`,
    ),
  );
  return repeats;
}
