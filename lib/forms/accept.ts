// Takes a submission: one insert, which those that come together share. What follows from it is worked off afterwards, in sets (work.ts), so a visitor
// waits for nothing else, and nothing that happens there can lose what they have entered.
import { createHash } from 'node:crypto';
import { Batches } from '@/lib/db/batches';
import type { FormId, SectionId, SubmissionId } from '@/lib/db/ids';
import { connected, RACE_CODES } from '@/lib/db/pool';
import { maybeOne, rows, sql, type Sql, type Tx } from '@/lib/db/sql';
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
  const texts: string[] = [];
  for (const element of elementsOf(document)) {
    if (element.kind !== 'input' || (element.type !== 'text' && element.type !== 'lines')) continue;
    const answer = answers[element.id];
    if (typeof answer === 'string') texts.push(answer.trim().toLowerCase());
  }
  return texts.join('').length < CONTENT_MIN ? null : createHash('sha256').update(texts.join('\n')).digest();
}

/** Characters: names are often the same. */
const CONTENT_MIN = 30;

/** Characters of answers from which on a submission has a statement of its own: a hundred of the longest would be a statement of 40 MB. */
const LONG = 20_000;

/** Submissions of a section share an insert. Where one of them repeats another one, it comes after it. */
const inserts = new Batches<Row, SubmissionId | null>({
  most: 100,
  namesOf: ({ formId, once, proof, addressKey, answers, since }) => [
    `${formId} ${once.toString('latin1')}`,
    ...(proof ? [proof.toString('latin1')] : []),
    ...(since && addressKey !== null ? [`${addressKey} ${answers}`] : []),
  ],
  together: insertRows,
  alone: insertRow,
});

/** Takes a submission. Throws if it cannot be stored: the visitor is told, and keeps what was entered. */
export async function acceptSubmission(sent: Sent): Promise<Accepted> {
  const row = rowOf(sent);
  const { sectionId } = row;
  const made = row.answers.length > LONG ? null : await inserts.answer(String(sectionId), row);
  const accepted = made === null ? await connected((db) => store(db, row), RACE_CODES) : accept(made);
  // One job for all that come while another one is added. No visitor waits for it: `wakeMissed` comes after it.
  if (isToBeWorked(row, accepted)) void wakeWork(sectionId);
  return accepted;
}

/** The same, as a part of a transaction. */
export async function acceptIn(tx: Tx, sent: Sent): Promise<Accepted> {
  const row = rowOf(sent);
  const accepted = await store(tx, row);
  if (isToBeWorked(row, accepted)) await addWorkJob(tx, row.sectionId);
  return accepted;
}

const isToBeWorked = ({ state }: Row, { is }: Accepted): boolean => is === 'accepted' && state === 'received';

const accept = (submissionId: SubmissionId): Accepted => ({ submissionId, is: 'accepted' });

async function store(db: Tx, row: Row): Promise<Accepted> {
  const { sectionId, formId, once } = row;
  const made = await insertRow(db, row);
  if (made !== null) return accept(made);
  const known = await maybeOne<{ id: SubmissionId }>(
    db,
    sql`
      select id from form_submission
      where section_id = ${sectionId} and form_id = ${formId} and once = ${once}
      union all
      ${repetitionsOf(row)}
      limit 1`,
  );
  if (!known) throw new ProofUsedError();
  return { submissionId: known.id, is: 'repeated' };
}

/** A submission as it is stored. `since`: from when on the same of the same person is a repetition. */
type Row = {
  sectionId: SectionId;
  formId: FormId;
  version: number;
  once: Buffer;
  proof: Buffer | null;
  state: 'quarantined' | 'received';
  answers: string;
  addressKey: string | null;
  contentKey: Buffer | null;
  via: SubmissionVia;
  referrer: string;
  score: number;
  signs: readonly string[];
  at: Date;
  since: Date | null;
};

function rowOf({ form, answers, proof = null, via = 'page', now, repeatedSince, ...sent }: Sent): Row {
  const { sectionId, formId, version, document } = form;
  const { once, referrer, score, signs } = sent;
  return {
    ...{ sectionId, formId, version, once, proof, via, referrer, score, signs },
    state: score >= QUARANTINE_SCORE ? 'quarantined' : 'received',
    answers: JSON.stringify(answers),
    addressKey: addressIn(document, answers),
    contentKey: contentKeyOf(document, answers),
    at: now,
    since: repeatedSince ?? null,
  };
}

const COLUMNS = sql`
  section_id, form_id, version, once, proof, state, answers, address_key, content_key, via, referrer, score, signs, at, next_at`;

/** Stores a submission; no row if it is there already. What one says to the database where no other comes with it. */
export const insertStatement = (sent: Sent): Sql => statementOf(rowOf(sent));

function statementOf(row: Row): Sql {
  const { sectionId, formId, version, once, proof, state, answers, addressKey, contentKey, via, referrer } = row;
  const { score, signs, at } = row;
  return sql`
    insert into form_submission (${COLUMNS})
    select
      ${sectionId}::int, ${formId}::int, ${version}::int, ${once}::bytea, ${proof}::bytea, ${state}::text,
      ${answers}::jsonb, ${addressKey}::text, ${contentKey}::bytea, ${via}::text, ${referrer}::text, ${score}::int,
      ${signs}::text[], ${at}::timestamptz, ${state === 'received' ? at : null}::timestamptz
    where not exists (${repetitionsOf(row)})
    on conflict do nothing
    returning id`;
}

async function insertRow(db: Tx, row: Row): Promise<SubmissionId | null> {
  const [made] = await rows<{ id: SubmissionId }>(db, statementOf(row), { prepare: true });
  return made?.id ?? null;
}

/** The ids of submissions of one section, in order; null for what is there already. */
async function insertRows(db: Tx, given: readonly [Row, ...Row[]]): Promise<(SubmissionId | null)[]> {
  const [{ sectionId }] = given;
  const column = <Key extends keyof Row>(key: Key): Row[Key][] => given.map((row) => row[key]);
  const made = await rows<{ id: SubmissionId; formId: FormId; once: Buffer }>(
    db,
    // In one order, so that two processes that store the same wait instead of failing.
    sql`
      insert into form_submission (${COLUMNS})
      with fresh as materialized (
        select * from unnest(
          ${column('formId')}::int[], ${column('version')}::int[], ${column('once')}::bytea[],
          ${column('proof')}::bytea[], ${column('state')}::text[], ${column('answers')}::text[],
          ${column('addressKey')}::text[], ${column('contentKey')}::bytea[], ${column('via')}::text[],
          ${column('referrer')}::text[], ${column('score')}::int[], ${given.map(({ signs }) => signs.join(' '))}::text[],
          ${column('at')}::timestamptz[], ${column('since')}::timestamptz[]
        ) given (
          form_id, version, once, proof, state, answers, address_key, content_key, via, referrer, score, signs, at, since
        )
        where not exists (
          ${repeated(sectionId, {
            ...{ formId: sql`given.form_id`, addressKey: sql`given.address_key` },
            ...{ answers: sql`given.answers`, since: sql`given.since` },
          })}
        )
      )
      select
        ${sectionId}::int, form_id, version, once, proof, state, answers::jsonb, address_key, content_key, via, referrer,
        score, string_to_array(signs, ' '), at, case when state = 'received' then at end
      from fresh
      order by form_id, once
      on conflict do nothing
      returning id, form_id as "formId", once`,
    { prepare: true },
  );
  const ids = new Map(made.map(({ id, formId, once }) => [`${formId} ${once.toString('latin1')}`, id]));
  return given.map(({ formId, once }) => ids.get(`${formId} ${once.toString('latin1')}`) ?? null);
}

const repetitionsOf = ({ sectionId, formId, addressKey, answers, since }: Row): Sql =>
  since === null
    ? sql`select null::bigint as id where false`
    : repeated(sectionId, {
        ...{ formId: sql`${formId}::int`, addressKey: sql`${addressKey}::text` },
        ...{ answers: sql`${answers}`, since: sql`${since}::timestamptz` },
      });

/**
 * The same answers of the same person lately, by id. What looked like spam is none: a program may have sent it in their name. They are looked up by the address
 * alone, which the fence keeps to: where nothing is known of the table, any index of the time seems as good, and thousands have come in that time.
 */
const repeated = (
  sectionId: SectionId,
  { formId, addressKey, answers, since }: Record<'formId' | 'addressKey' | 'answers' | 'since', Sql>,
): Sql => sql`
  select recent.id
  from (
    select id, form_id, state, answers from form_submission
    where section_id = ${sectionId} and address_key = ${addressKey} collate "C" and at >= ${since}
    offset 0
  ) recent
  where recent.form_id = ${formId} and recent.state not in ('quarantined', 'removed')
    and recent.answers = ${answers}::jsonb`;

type Content = { sectionId: SectionId; key: Buffer; since: Date };

/** How often some content was sent lately: those who ask together share a statement. */
const repeats = new Batches<Content, number>({
  most: 100,
  namesOf: () => [],
  together: countRepeats,
  alone: async (db, content) => (await countRepeats(db, [content]))[0]!,
});

/** How often the same content was sent to the section's forms since a time; no more than twenty are counted. */
export async function repeatsOf(form: OpenForm, answers: Answers, since: Date): Promise<number> {
  const { sectionId, document } = form;
  const key = contentKeyOf(document, answers);
  return key === null ? 0 : repeats.answer(String(sectionId), { sectionId, key, since });
}

async function countRepeats(db: Tx, contents: readonly [Content, ...Content[]]): Promise<number[]> {
  const [{ sectionId }] = contents;
  const found = await rows<{ repeats: number }>(
    db,
    sql`
      select (
        select count(*)::int from (
          select from form_submission
          where section_id = ${sectionId} and content_key = given.key and at > given.since
          limit 20
        ) recent
      ) as repeats
      from unnest(
        ${contents.map(({ key }) => key)}::bytea[], ${contents.map(({ since }) => since)}::timestamptz[]
      ) with ordinality given (key, since, number)
      order by given.number`,
    { prepare: true },
  );
  return found.map((each) => each.repeats);
}
