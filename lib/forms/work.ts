// Works off what people have submitted: a batch of one form at a time, in one transaction.
import { listAttributes } from '@/lib/attributes/queries';
import type { Attribute } from '@/lib/attributes/schema';
import type { AccountId, AttributeId, FormId, ProfileId, SectionId, SubmissionId } from '@/lib/db/ids';
import { pool, RACE_CODES, transaction } from '@/lib/db/pool';
import { execute, maybeOne, one, rows, sql, type Tx } from '@/lib/db/sql';
import { lockedKeys } from '@/lib/profiles/locks';
import { listKeyspaces } from '@/lib/profiles/queries';
import type { Keyspace } from '@/lib/profiles/schema';
import { shortened } from '@/lib/text/shortened';
import { addressIn } from './accept';
import { applySubmissions, type Applied, type FormPlace, type Outcome } from './apply';
import { lostInForms } from './attention';
import { asksToConfirm, queueMails } from './mails';
import { AnswersSchema, FormDocumentSchema, type Answers, type FormDocument } from './schema';
import { holdForm } from './waiting';
import { addWorkJob } from './work-job';

/** `atOnce`: submissions in a transaction. `minutes`: until each further attempt, after which a submission has failed. */
export type WorkOptions = { atOnce: number; minutes: readonly number[]; signal?: AbortSignal; now?: () => Date };
const DEFAULTS: WorkOptions = { atOnce: 200, minutes: [1, 5, 15, 60, 240] };

/**
 * Works off the section's submissions until none is due. Safe to repeat, and beside itself: a row is taken by one at a time. One that cannot be
 * applied is tried alone, again later, and at last fails with its reason; the others go on.
 */
export async function workSubmissions(sectionId: SectionId, given: Partial<WorkOptions> = {}): Promise<void> {
  const options = { ...DEFAULTS, ...given };
  const now = options.now ?? (() => new Date());
  let due = await dueForms(sectionId, now());
  // In turn, so that none waits for the end of another one that thousands fill in.
  while (due.length > 0) {
    const left: typeof due = [];
    for (const form of due) {
      if (options.signal?.aborted) return void (await addWorkJob(pool(), sectionId));
      if ((await workOnce({ sectionId, ...form }, options, now())) > 0) left.push(form);
    }
    due = left;
  }
  // What is due later, also by the clock of another server: nobody else may come to have it looked at.
  const next = await maybeOne<{ at: Date | null }>(
    pool(),
    sql`select min(next_at) as at from form_submission where section_id = ${sectionId} and state = 'received'`,
  );
  if (next?.at) await addWorkJob(pool(), sectionId, new Date(Math.max(next.at.getTime(), now().getTime() + SOON_MS)));
}

/** Until it is looked again after what is due at any moment. */
const SOON_MS = 1_000;

function dueForms(sectionId: SectionId, now: Date): Promise<{ formId: FormId; name: string }[]> {
  return rows(
    pool(),
    sql`
      select form.id as "formId", form.name from form
      where form.section_id = ${sectionId} and form.id in (
        select form_id from form_submission
        where section_id = ${sectionId} and state = 'received' and next_at <= ${now}
      )
      order by form.id`,
  );
}

/** One batch; if it fails, each of it alone. Returns how many submissions there were. */
async function workOnce(place: FormPlace, { atOnce, minutes }: WorkOptions, now: Date): Promise<number> {
  try {
    const done = await transaction((tx) => workBatch(tx, place, { atOnce, now }), RACE_CODES);
    return done.length;
  } catch (error) {
    const ids = await rows<{ id: SubmissionId }>(
      pool(),
      sql`
        select id from form_submission
        where section_id = ${place.sectionId} and form_id = ${place.formId} and state = 'received' and next_at <= ${now}
        order by next_at, id
        limit ${atOnce}`,
    );
    if (ids.length === 0) throw error;
    for (const { id } of ids) await workAlone(place, id, minutes, now);
    return ids.length;
  }
}

async function workAlone(place: FormPlace, id: SubmissionId, minutes: readonly number[], now: Date): Promise<void> {
  try {
    await transaction((tx) => workBatch(tx, place, { atOnce: 1, now, id }), RACE_CODES);
  } catch (error) {
    await noteFailure(place, id, error, minutes, now);
  }
}

async function noteFailure(
  { sectionId }: FormPlace,
  id: SubmissionId,
  error: unknown,
  minutes: readonly number[],
  now: Date,
): Promise<void> {
  const text = shortened(error instanceof Error ? error.message : String(error), 500);
  await transaction(async (tx) => {
    const row = await maybeOne<{ attempts: number }>(
      tx,
      sql`
        select attempts from form_submission
        where section_id = ${sectionId} and id = ${id} and state = 'received'
        for update`,
    );
    if (!row) return;
    const wait = minutes[row.attempts];
    const nextAt = wait === undefined ? null : new Date(now.getTime() + wait * 60_000);
    await execute(
      tx,
      sql`
        update form_submission
        set attempts = attempts + 1, error = ${text}, next_at = ${nextAt}::timestamptz,
          state = ${nextAt === null ? 'failed' : 'received'}
        where section_id = ${sectionId} and id = ${id}`,
    );
    if (nextAt !== null) await addWorkJob(tx, sectionId, nextAt);
  });
}

type Row = {
  id: SubmissionId;
  version: number;
  answers: Answers;
  at: Date;
  confirmedAt: Date | null;
  profileId: ProfileId | null;
};

type BatchOptions = { atOnce: number; now: Date; id?: SubmissionId };

/** Works off a batch. Returns the submissions that it has taken. */
async function workBatch(tx: Tx, place: FormPlace, { atOnce, now, id }: BatchOptions): Promise<SubmissionId[]> {
  const { sectionId, formId } = place;
  await holdForm(tx, place);
  const taken = await rows<Omit<Row, 'answers'> & { answers: unknown }>(
    tx,
    sql`
      select id, version, answers, at, confirmed_at as "confirmedAt", profile_id as "profileId" from form_submission
      where section_id = ${sectionId} and form_id = ${formId} and state = 'received' and next_at <= ${now}
        ${id === undefined ? sql`` : sql`and id = ${id}`}
      order by next_at, id
      limit ${atOnce}
      for update skip locked`,
  );
  if (taken.length === 0) return [];
  const submissions = taken.map((row) => ({ ...row, answers: AnswersSchema.parse(row.answers ?? {}) }));
  const documents = await usableDocuments(tx, place, submissions);
  const isHeldUp = (row: Row) => {
    const usable = documents.get(row.version);
    // Who is asked to confirm gets the mail in any case: nothing else is done before.
    return usable === undefined || (usable.isLost && !isSilent({ ...row, ...usable }));
  };
  const waiting = submissions.filter(isHeldUp);
  await endAs(tx, sectionId, waiting, 'waiting');
  const keyed = submissions.flatMap((row) => {
    const usable = documents.get(row.version);
    if (usable === undefined || waiting.includes(row)) return [];
    // As it was asked: another version may ask for it by another question.
    const key = addressIn(usable.shown, row.answers);
    return [{ ...row, ...usable, key }];
  });
  // Nobody can be found without an address: a version that was changed by hand, or the key of the form was changed.
  const lost = keyed.filter(({ key }) => key === null);
  await endAs(tx, sectionId, lost, 'failed', 'It has no valid address by which a person could be found.');
  const first = firstOfEach(keyed.flatMap(({ key, ...row }) => (key === null ? [] : [{ ...row, key }])));
  await workKeyed(tx, place, first, now);
  return [...waiting, ...lost, ...first].map((row) => row.id);
}

/** One submission for each person: a second one is for the next batch, so that they follow each other. */
function firstOfEach<Keyed extends { key: string; document: FormDocument }>(submissions: readonly Keyed[]): Keyed[] {
  const [head] = submissions;
  const same = submissions.filter(({ document }) => document.match === head?.document.match);
  return [...new Map([...same].reverse().map((row) => [row.key, row])).values()].reverse();
}

type Keyed = Row & { key: string } & Usable;

/** Whether nothing is done to the person before they have confirmed. */
const isSilent = (row: { document: FormDocument; confirmedAt: Date | null }): boolean =>
  asksToConfirm(row) && !row.document.optIn.tagsBefore;

async function workKeyed(tx: Tx, place: FormPlace, submissions: readonly Keyed[], now: Date): Promise<void> {
  if (submissions.length === 0) return;
  const { sectionId } = place;
  const asking = submissions.filter(asksToConfirm);
  const silent = asking.filter(isSilent);
  const applied = submissions.filter((row) => !silent.includes(row));
  const keyspaces = await keyspacesOf(tx, sectionId);
  const outcomes = applied.length === 0 ? [] : await apply(tx, place, keyspaces, applied, now);
  const found = new Map(outcomes.map((outcome) => [outcome.id, outcome]));
  // Somebody who must not be stored again gets no mail either.
  const locked = await lockedIn(tx, sectionId, keyspaces, silent);
  const isErased = ({ id, key }: Keyed) => found.get(id)?.profileId === null || (!found.has(id) && locked.has(key));
  await forget(tx, sectionId, submissions.filter(isErased));
  const pending = asking.filter((row) => !isErased(row));
  await endWith(tx, sectionId, pending, 'pending', found, now);
  await queueMails(tx, place, pending, now);
  const done = applied.filter((row) => !asking.includes(row) && !isErased(row));
  await endWith(tx, sectionId, done, 'done', found, now);
}

async function keyspacesOf(tx: Tx, sectionId: SectionId): Promise<Keyspace[]> {
  const { accountId } = await one<{ accountId: AccountId }>(
    tx,
    sql`select account_id as "accountId" from section where id = ${sectionId}`,
  );
  return listKeyspaces(tx, accountId);
}

async function lockedIn(
  tx: Tx,
  sectionId: SectionId,
  keyspaces: readonly Keyspace[],
  submissions: readonly Keyed[],
): Promise<Set<string>> {
  if (submissions.length === 0) return new Set();
  const { id: keyspaceId } = keyspaces.find(({ kind }) => kind === submissions[0]!.document.match)!;
  return lockedKeys(
    tx,
    { sectionId, keyspaceId },
    submissions.map(({ key }) => key),
  );
}

async function apply(
  tx: Tx,
  place: FormPlace,
  keyspaces: readonly Keyspace[],
  submissions: readonly Keyed[],
  now: Date,
): Promise<Outcome[]> {
  const attributes = new Map<AttributeId, Attribute>(
    (await listAttributes(tx, place.sectionId)).map((attribute) => [attribute.id, attribute]),
  );
  return applySubmissions(
    tx,
    { ...place, keyspaces, attributes, now },
    submissions.map((row): Applied => ({ ...row, isPartial: asksToConfirm(row) })),
  );
}

/** `document`: by which a submission is applied. `shown`: of its own version. `isLost`: something of it is hidden, so that it cannot be applied now. */
type Usable = { document: FormDocument; shown: FormDocument; isLost: boolean };

/**
 * The documents by which submissions are applied, by their version: that version, or the present one if something of it has been hidden. If both are lost,
 * the form needs attention. One by which people are found in another way is of no use: what was confirmed is an address.
 */
async function usableDocuments(
  tx: Tx,
  { sectionId, formId }: FormPlace,
  submissions: readonly Row[],
): Promise<Map<number, Usable>> {
  const versions = await rows<{ version: number; document: unknown; isPresent: boolean }>(
    tx,
    sql`
      select version.version, version.document, version.version = form.version as "isPresent"
      from form_version version
      join form on form.section_id = ${sectionId} and form.id = version.form_id
      where version.section_id = ${sectionId} and version.form_id = ${formId}
        and (version.version = form.version or version.version = any(${submissions.map(({ version }) => version)}::int[]))`,
  );
  const documents = versions.map(({ document }) => FormDocumentSchema.parse(document));
  // Held, so that nothing is hidden between here and its use, and what is shown again takes up what was set aside before.
  const lost = await lostInForms(tx, sectionId, documents, { held: true });
  const usable = documents.map((document, index) => (lost[index]!.length > 0 ? undefined : document));
  const present = usable[versions.findIndex(({ isPresent }) => isPresent)];
  return new Map(
    versions.map(({ version }, index) => {
      const shown = documents[index]!;
      const document = usable[index] ?? (present?.match === shown.match ? present : undefined);
      return [version, { document: document ?? shown, shown, isLost: document === undefined }] as const;
    }),
  );
}

/** Ends submissions that nothing follows from. */
async function endAs(
  tx: Tx,
  sectionId: SectionId,
  submissions: readonly { id: SubmissionId }[],
  state: 'waiting' | 'failed',
  error: string | null = null,
): Promise<void> {
  if (submissions.length === 0) return;
  await execute(
    tx,
    sql`
      update form_submission set state = ${state}, error = ${error}, next_at = null
      where section_id = ${sectionId} and id = any(${submissions.map(({ id }) => id)}::bigint[])`,
  );
}

async function endWith(
  tx: Tx,
  sectionId: SectionId,
  submissions: readonly Keyed[],
  state: 'pending' | 'done',
  outcomes: ReadonlyMap<SubmissionId, Outcome>,
  now: Date,
): Promise<void> {
  if (submissions.length === 0) return;
  const ended = submissions.map(({ id }) => ({
    id,
    profile_id: outcomes.get(id)?.profileId ?? null,
    error: outcomes.get(id)?.left.join('. ') || null,
  }));
  await execute(
    tx,
    sql`
      update form_submission submission
      set state = ${state}, profile_id = coalesce(ended.profile_id, submission.profile_id), error = ended.error,
        next_at = null, worked_at = ${now}
      from json_to_recordset(${JSON.stringify(ended)}::json) as ended (id bigint, profile_id bigint, error text)
      where submission.section_id = ${sectionId} and submission.id = ended.id`,
  );
}

/** The person must not be stored again: nothing of the submission stays but that there was one. */
async function forget(tx: Tx, sectionId: SectionId, submissions: readonly Keyed[]): Promise<void> {
  if (submissions.length === 0) return;
  const ids = submissions.map(({ id }) => id);
  await execute(
    tx,
    sql`delete from form_mail where section_id = ${sectionId} and submission_id = any(${ids}::bigint[])`,
  );
  await execute(
    tx,
    sql`
      update form_submission
      set state = 'removed', answers = null, address_key = null, content_key = null, next_at = null,
        error = 'The person was erased, and must not be stored again.'
      where section_id = ${sectionId} and id = any(${ids}::bigint[])`,
  );
}
