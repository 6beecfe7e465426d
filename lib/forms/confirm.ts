// Confirms a submission by the link in its mail. The link is the permission. Nothing that is only looked at confirms anything.
import type { FormId, SectionId, SubmissionId } from '@/lib/db/ids';
import { pool, transaction } from '@/lib/db/pool';
import { execute, maybeOne, sql, type Db, type Sql } from '@/lib/db/sql';
import { brandOf } from '@/lib/messages/brand';
import type { Brand } from '@/lib/mail-document/schema';
import { FormDocumentSchema, type FormDocument, type SubmissionState } from './schema';
import { readConfirmToken } from './token';
import { addWorkJob } from './work-job';

const DAY_MS = 86_400_000;

/**
 * What the page of a link shows. `open`: it can be confirmed. `confirmed`: it is. `expired`: too late. `gone`: there is nothing more to confirm: the person was
 * erased, or somebody took the submission away.
 */
export type Confirmation = {
  is: 'open' | 'confirmed' | 'expired' | 'gone';
  document: FormDocument;
  name: string;
  sectionName: string;
  brand: Brand;
  /** The address that is confirmed; null if it is gone. */
  address: string | null;
};

type Row = {
  id: SubmissionId;
  formId: FormId;
  state: SubmissionState;
  /** When the mail was asked for. */
  askedAt: Date;
  confirmedAt: Date | null;
  address: string | null;
  document: unknown;
  name: string;
  sectionName: string;
};

function find(db: Db, { sectionId, submissionId }: { sectionId: SectionId; submissionId: SubmissionId }, lock: Sql) {
  return maybeOne<Row>(
    db,
    sql`
      select submission.id, submission.form_id as "formId", submission.state,
        coalesce(submission.worked_at, submission.at) as "askedAt",
        submission.confirmed_at as "confirmedAt", submission.address_key as address, version.document, form.name,
        section.name as "sectionName"
      from form_submission submission
      join form_version version
        on version.section_id = ${sectionId} and version.form_id = submission.form_id
        and version.version = submission.version
      join form on form.section_id = ${sectionId} and form.id = submission.form_id
      join section on section.id = submission.section_id
      where submission.section_id = ${sectionId} and submission.id = ${submissionId}
      ${lock}`,
  );
}

function shown(row: Row, brand: Brand, now: Date): Confirmation {
  const document = FormDocumentSchema.parse(row.document);
  const { name, sectionName, address } = row;
  return { is: stateOf(row, document, now), document, name, sectionName, brand, address };
}

function stateOf({ state, askedAt, confirmedAt, address }: Row, document: FormDocument, now: Date): Confirmation['is'] {
  if (address === null) return 'gone';
  if (confirmedAt !== null) return 'confirmed';
  if (state !== 'pending') return state === 'removed' ? 'expired' : 'gone';
  return now.getTime() > askedAt.getTime() + document.optIn.validDays * DAY_MS ? 'expired' : 'open';
}

/** What a link leads to; null if it is not one of ours. */
export async function readConfirmation(token: string, now: Date): Promise<Confirmation | null> {
  const named = readConfirmToken(token);
  const row = named && (await find(pool(), named, sql``));
  return row ? shown(row, await brandOf(pool(), named.sectionId), now) : null;
}

/** Confirms; what the page shows then. Once is as good as twice. */
export function confirmSubmission(token: string, now: Date): Promise<Confirmation | null> {
  const named = readConfirmToken(token);
  if (!named) return Promise.resolve(null);
  const { sectionId } = named;
  return transaction(async (tx) => {
    const row = await find(tx, named, sql`for update of submission`);
    if (!row) return null;
    const brand = await brandOf(tx, sectionId);
    const before = shown(row, brand, now);
    if (before.is !== 'open') return before;
    await execute(
      tx,
      sql`
        update form_submission
        set state = 'received', confirmed_at = ${now}, next_at = ${now}, attempts = 0, error = null
        where section_id = ${sectionId} and id = ${row.id}`,
    );
    await addWorkJob(tx, sectionId);
    return { ...before, is: 'confirmed' as const };
  });
}
