// Reads of forms and of what people submitted.
import type { FormId, ProfileId, SectionId, SubmissionId } from '@/lib/db/ids';
import { maybeOne, one, rows, sql, type Db, type Sql } from '@/lib/db/sql';
import { nameKey } from '@/lib/naming/names';
import { normaliseKey } from '@/lib/profiles/keys';
import { formPath } from './address';
import { lostInForms } from './attention';
import {
  AnswersSchema,
  FormDocumentSchema,
  type Answers,
  type FormDocument,
  type SubmissionOrder,
  type SubmissionState,
  type SubmissionVia,
} from './schema';

const WEEK_MS = 7 * 86_400_000;

export type FormRow = {
  id: FormId;
  name: string;
  /** Null: not published yet. */
  version: number | null;
  open: boolean;
  changedAt: Date;
  changedBy: string | null;
  /** The draft differs from what people get. */
  isChanged: boolean;
  /** Submissions of the last seven days, without those in quarantine. */
  lastWeek: number;
  lastAt: Date | null;
  /** How many wait for something, by state. */
  pending: number;
  waiting: number;
  quarantined: number;
  failed: number;
  /** Why it needs attention; empty if it does not. */
  attention: string[];
};

type Flat = Omit<FormRow, 'attention'> & { code: string; document: unknown; published: unknown };

/** The section's forms, the last changed first. `search`: words of the name. `deleted`: those that can be brought back. `id`: only this one. */
async function readRows(
  db: Db,
  sectionId: SectionId,
  { search = '', deleted = false, id, now }: { search?: string; deleted?: boolean; id?: FormId; now: Date },
): Promise<Flat[]> {
  const patterns = nameKey(search)
    .split(' ')
    .filter(Boolean)
    .map((word) => `%${word.replace(/[\\%_]/g, '\\$&')}%`);
  return rows<Flat>(
    db,
    sql`
      select form.id, form.code, form.name, form.version, form.open, form.changed_at as "changedAt",
        app_user.name as "changedBy", form.document, version.document as published,
        version.document is distinct from form.document as "isChanged",
        recent.number as "lastWeek", newest.at as "lastAt",
        coalesce(undone.pending, 0) as pending, coalesce(undone.waiting, 0) as waiting,
        coalesce(undone.quarantined, 0) as quarantined, coalesce(undone.failed, 0) as failed
      from form
      left join app_user on app_user.id = form.changed_by
      left join form_version version
        on version.section_id = ${sectionId} and version.form_id = form.id and version.version = form.version
      cross join lateral (
        select count(*)::int as number from form_submission submission
        where submission.section_id = ${sectionId} and submission.form_id = form.id
          and submission.at > ${new Date(now.getTime() - WEEK_MS)} and submission.state not in ('quarantined', 'removed')
      ) recent
      left join lateral (
        select submission.at from form_submission submission
        where submission.section_id = ${sectionId} and submission.form_id = form.id
        order by submission.at desc
        limit 1
      ) newest on true
      left join (
        select form_id,
          count(*) filter (where state = 'pending')::int as pending,
          count(*) filter (where state = 'waiting')::int as waiting,
          count(*) filter (where state = 'quarantined')::int as quarantined,
          count(*) filter (where state = 'failed')::int as failed
        from form_submission
        where section_id = ${sectionId} and state in ('pending', 'waiting', 'quarantined', 'failed')
          ${id === undefined ? sql`` : sql`and form_id = ${id}`}
        group by form_id
      ) undone on undone.form_id = form.id
      where form.section_id = ${sectionId} and (form.deleted_at is not null) = ${deleted}
        and form.name_key like all (${patterns}::text[])
        ${id === undefined ? sql`` : sql`and form.id = ${id}`}
      order by form.changed_at desc, form.id desc`,
  );
}

/** What a form needs attention for: what people get, or before that the draft. */
const documentOf = ({ document, published }: Flat): FormDocument => FormDocumentSchema.parse(published ?? document);

/** The section's forms, or those that were deleted, the last changed first. */
export async function listForms(
  db: Db,
  sectionId: SectionId,
  { search, deleted, now }: { search: string; deleted: boolean; now: Date },
): Promise<FormRow[]> {
  const found = await readRows(db, sectionId, { search, deleted, now });
  const attention = await lostInForms(db, sectionId, found.map(documentOf));
  return found.map(({ code: _code, document: _document, published: _published, ...row }, index) => ({
    ...row,
    attention: attention[index]!,
  }));
}

export type FormTotal = { formId: FormId; submissions: number };

/** How many submissions each form has, without those in quarantine and removed ones. */
export function countSubmissions(db: Db, sectionId: SectionId): Promise<FormTotal[]> {
  return rows<FormTotal>(
    db,
    sql`
      select form_id as "formId", count(*)::int as submissions from form_submission
      where section_id = ${sectionId} and state not in ('quarantined', 'removed')
      group by form_id`,
  );
}

/** How many submissions wait in deleted forms until somebody fixes the form. */
export async function waitingInDeleted(db: Db, sectionId: SectionId): Promise<number> {
  const { number } = await one<{ number: number }>(
    db,
    sql`
      select count(*)::int as number from form_submission
      where section_id = ${sectionId} and state = 'waiting' and form_id in (
        select id from form where section_id = ${sectionId} and deleted_at is not null
      )`,
  );
  return number;
}

/** A form with its draft. `path`: its public address on this installation. */
export type FormDetails = FormRow & { path: string; document: FormDocument; published: FormDocument | null };

/** A form; undefined if there is none, or it was deleted. */
export async function findForm(db: Db, sectionId: SectionId, id: FormId, now: Date): Promise<FormDetails | undefined> {
  const [found] = await readRows(db, sectionId, { id, now });
  if (!found) return undefined;
  const [attention = []] = await lostInForms(db, sectionId, [documentOf(found)]);
  const { code, document, published, ...row } = found;
  return {
    ...row,
    attention,
    path: formPath({ sectionId, code }),
    document: FormDocumentSchema.parse(document),
    published: published === null ? null : FormDocumentSchema.parse(published),
  };
}

type SubmissionsPage = {
  state: SubmissionState | null;
  search?: string;
  id?: SubmissionId;
  order?: SubmissionOrder;
  before?: SubmissionPlace;
  limit: number;
};

/** Where a page begins: what comes before it. `score`: where they are ordered by it. */
export type SubmissionPlace = { at: Date; id: number; score?: number };

export type SubmissionRow = {
  id: SubmissionId;
  version: number;
  state: SubmissionState;
  at: Date;
  confirmedAt: Date | null;
  /** Null once the person has been erased. */
  answers: Answers | null;
  referrer: string;
  score: number;
  /** What speaks for spam: names of lib/forms/spam.ts. */
  signs: string[];
  error: string | null;
  profileId: ProfileId | null;
  via: SubmissionVia;
  /** What became of the mail that asks for a confirmation; null if there is none. */
  mail: string | null;
  /** Somebody has had it sent once more. */
  isSentAgain: boolean;
};

/**
 * A page of a form's submissions, newest first if not ordered otherwise. `state`: null for all but those in quarantine and removed ones. `search`: an address, or a part of an
 * address or an answer. `id`: only this one, whatever its state is.
 */
export async function listSubmissions(
  db: Db,
  sectionId: SectionId,
  formId: FormId | null,
  { state, search = '', id, order = 'newest', before, limit }: SubmissionsPage,
): Promise<SubmissionRow[]> {
  const found = await rows<Omit<SubmissionRow, 'answers'> & { answers: unknown }>(
    db,
    sql`
      select submission.id, submission.version, submission.state, submission.at, submission.confirmed_at as "confirmedAt",
        submission.answers, submission.referrer, submission.score, submission.signs, submission.error,
        submission.profile_id as "profileId", submission.via, coalesce(again.state, mail.state) as mail,
        again.id is not null as "isSentAgain"
      from form_submission submission
      left join form_mail mail
        on mail.section_id = ${sectionId} and mail.submission_id = submission.id and mail.kind = 'confirm'
      left join form_mail again
        on again.section_id = ${sectionId} and again.submission_id = submission.id and again.kind = 'again'
      where submission.section_id = ${sectionId} and submission.form_id = ${formId}
        and ${id === undefined ? ofState(state) : sql`submission.id = ${id}`} ${matching(search)}
        ${before === undefined ? sql`` : sql`and ${isAfter(order, before)}`}
      order by ${ORDER_BY[order]} submission.at desc, submission.id desc
      limit ${limit}`,
  );
  return found.map(({ answers, ...row }) => ({
    ...row,
    answers: answers === null ? null : AnswersSchema.parse(answers),
  }));
}

const ORDER_BY: Record<SubmissionOrder, Sql> = {
  newest: sql``,
  most: sql`submission.score desc,`,
  least: sql`submission.score,`,
};

function isAfter(order: SubmissionOrder, { at, id, score = 0 }: SubmissionPlace): Sql {
  const older = sql`(submission.at, submission.id) < (${at}::timestamptz, ${id}::bigint)`;
  if (order === 'newest') return older;
  const further = order === 'most' ? sql`submission.score < ${score}` : sql`submission.score > ${score}`;
  return sql`(${further} or (submission.score = ${score} and ${older}))`;
}

const ofState = (state: SubmissionState | null): Sql =>
  state === null ? sql`submission.state not in ('quarantined', 'removed')` : sql`submission.state = ${state}`;

/** A whole address is found by its index; another text is looked for in what was entered. */
function matching(search: string): Sql {
  const text = search.trim().toLowerCase();
  if (text === '') return sql``;
  const address = normaliseKey('email', text);
  if (address.ok) return sql`and submission.address_key = ${address.key} collate "C"`;
  return sql`and (
    strpos(submission.address_key, ${text}) > 0 or exists (
      select from jsonb_path_query(submission.answers, 'strict $.** ? (@.type() == "string")') said (text)
      where strpos(lower(said.text #>> '{}'), ${text}) > 0
    )
  )`;
}

/** A form's versions, newest first: submissions are shown by theirs. */
export async function listVersions(
  db: Db,
  sectionId: SectionId,
  formId: FormId | null,
): Promise<{ version: number; at: Date; by: string | null; document: FormDocument }[]> {
  const found = await rows<{ version: number; at: Date; by: string | null; document: unknown }>(
    db,
    sql`
      select version.version, version.created_at as at, app_user.name as by, version.document
      from form_version version left join app_user on app_user.id = version.created_by
      where version.section_id = ${sectionId} and version.form_id = ${formId}
      order by version.version desc`,
  );
  return found.map((each) => ({ ...each, document: FormDocumentSchema.parse(each.document) }));
}

/** Websites that the numbers of a form name, those that brought most. */
const SITES_NAMED = 50;

/** Numbers of one day, of those who came from one site ('' if unknown; null: any of those that are not named). */
export type DayNumbers = {
  /** YYYY-MM-DD, in UTC. */
  day: string;
  referrer: string | null;
  seen: number;
  begun: number;
  submitted: number;
  confirmed: number;
  quarantined: number;
  /** Of those submitted: by the page, and not out of the quarantine. They have seen the form; others have not, or were not counted. */
  bySeen: number;
};

const SUBMITTED = sql`(state not in ('quarantined', 'removed') or state = 'removed' and worked_at is not null)`;

/**
 * By day and referrer, oldest first. `since`: the first day. The referrer is what the visitor's browser says, so only the first sites are named. What was never
 * confirmed, or whose person was erased, was submitted all the same.
 */
export function numbersByDay(db: Db, sectionId: SectionId, formId: FormId | null, since: Date): Promise<DayNumbers[]> {
  return rows<DayNumbers>(
    db,
    sql`
      with counted as materialized (
        select day, referrer, sum(seen)::int as seen, sum(begun)::int as begun, sum(submitted)::int as submitted,
          sum(confirmed)::int as confirmed, sum(quarantined)::int as quarantined, sum(by_seen)::int as by_seen
        from (
          select day, referrer,
            case when kind = 'seen' and step = 0 then count else 0 end as seen,
            case when kind = 'begun' then count else 0 end as begun, 0 as submitted, 0 as confirmed, 0 as quarantined,
            0 as by_seen
          from form_count
          where section_id = ${sectionId} and form_id = ${formId} and day >= ${since}::date
          union all
          select (at at time zone 'UTC')::date, referrer, 0, 0,
            count(*) filter (where ${SUBMITTED}),
            count(*) filter (where confirmed_at is not null),
            count(*) filter (where state = 'quarantined'),
            count(*) filter (where via = 'page' and released_at is null and ${SUBMITTED})
          from form_submission
          where section_id = ${sectionId} and form_id = ${formId} and at >= ${since}
          group by (at at time zone 'UTC')::date, referrer
        ) told
        group by day, referrer
      ),
      named as (
        select referrer from counted
        where referrer <> ''
        group by referrer
        order by sum(submitted) desc, sum(seen) desc, referrer
        limit ${SITES_NAMED}
      )
      select to_char(day, 'YYYY-MM-DD') as day,
        case when counted.referrer = '' then '' else named.referrer end as referrer,
        sum(seen)::int as seen, sum(begun)::int as begun, sum(submitted)::int as submitted,
        sum(confirmed)::int as confirmed, sum(quarantined)::int as quarantined, sum(by_seen)::int as "bySeen"
      from counted
      left join named using (referrer)
      group by 1, 2
      order by 1, 2`,
  );
}

/** How many saw each step: where people leave. `step`: 0 is the first one. */
export function numbersByStep(
  db: Db,
  sectionId: SectionId,
  formId: FormId | null,
  since: Date,
): Promise<{ step: number; seen: number }[]> {
  return rows(
    db,
    sql`
      select step, sum(count)::int as seen from form_count
      where section_id = ${sectionId} and form_id = ${formId} and kind = 'seen' and day >= ${since}::date
      group by step
      order by step`,
  );
}

/** The document of a version; undefined if there is none. */
export async function findVersion(
  db: Db,
  sectionId: SectionId,
  formId: FormId,
  version: number,
): Promise<FormDocument | undefined> {
  const found = await maybeOne<{ document: unknown }>(
    db,
    sql`
      select document from form_version
      where section_id = ${sectionId} and form_id = ${formId} and version = ${version}`,
  );
  return found && FormDocumentSchema.parse(found.document);
}
