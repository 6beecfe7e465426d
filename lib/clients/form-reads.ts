// What API clients read of forms and of what people submitted.
import { z } from 'zod';
import { InSection } from '@/lib/access/declared';
import { mayUseKeyspace } from '@/lib/access/policy';
import { query } from '@/lib/access/query';
import { refuse } from '@/lib/access/refusal';
import {
  FormIdSchema,
  inAddress,
  SubmissionIdSchema,
  type FormId,
  type ProfileId,
  type SectionId,
  type SubmissionId,
} from '@/lib/db/ids';
import { rows, sql, type Db, type Sql } from '@/lib/db/sql';
import { lostInForms } from '@/lib/forms/attention';
import { listVersions } from '@/lib/forms/queries';
import { questionsOf, type Question } from '@/lib/forms/questions';
import {
  AnswersSchema,
  FormDocumentSchema,
  SUBMISSION_STATES,
  type Answers,
  type FormDocument,
  type SubmissionState,
} from '@/lib/forms/schema';
import { nameKey } from '@/lib/naming/names';
import { exportKey } from '@/lib/profiles/export-key';
import { listKeyspaces } from '@/lib/profiles/queries';
import { clientOf } from './client';
import { NO_FORM, requireKeyspaces } from './forms';

/** A form as clients see it. `document`: what people get; null: it was never published. */
export type FormForClient = {
  id: FormId;
  code: string;
  name: string;
  version: number | null;
  isOpen: boolean;
  changedAt: Date;
  publishedAt: Date | null;
  needsAttention: boolean;
  document: FormDocument | null;
  /** Submissions by state. */
  counts: Record<SubmissionState, number>;
};

type Flat = Omit<FormForClient, 'needsAttention' | 'document' | 'counts'> & { document: unknown };

/** Forms that meet a condition, the newest change first, with what is counted. */
async function formsWhere(db: Db, sectionId: SectionId, where: Sql, limit: number): Promise<FormForClient[]> {
  const found = await rows<Flat>(
    db,
    sql`
      select form.id, form.code, form.name, form.version, form.open as "isOpen", form.changed_at as "changedAt",
        form.published_at as "publishedAt", version.document
      from form
      left join form_version version
        on version.section_id = ${sectionId} and version.form_id = form.id and version.version = form.version
      where form.section_id = ${sectionId} and form.deleted_at is null and ${where}
      order by form.changed_at desc, form.id desc
      limit ${limit}`,
  );
  const counted = await rows<{ formId: FormId; state: SubmissionState; number: number }>(
    db,
    sql`
      select form_id as "formId", state, count(*)::int as number from form_submission
      where section_id = ${sectionId} and form_id = any(${found.map(({ id }) => id)}::int[])
      group by form_id, state`,
  );
  const forms = found.map(({ document, ...form }) => ({
    ...form,
    document: document === null ? null : FormDocumentSchema.parse(document),
  }));
  const published = forms.filter((form) => form.document !== null);
  const lost = await lostInForms(
    db,
    sectionId,
    published.map(({ document }) => document!),
  );
  const attention = new Map(published.map(({ id }, index) => [id, lost[index]!.length > 0]));
  return forms.map((form) => ({
    ...form,
    needsAttention: attention.get(form.id) ?? false,
    counts: Object.fromEntries(
      SUBMISSION_STATES.map((state) => [
        state,
        counted.find((one) => one.formId === form.id && one.state === state)?.number ?? 0,
      ]),
    ) as FormForClient['counts'],
  }));
}

const PlaceSchema = z.object({ at: z.coerce.date(), id: z.int().min(0) });

/** A page of forms, the newest change first. */
export const readFormsOfClient = query({
  name: 'clients.list-forms',
  scope: 'section',
  allow: 'readers',
  timeLimit: 'slow',
  input: InSection.extend({
    search: z.string().max(200),
    before: PlaceSchema.optional(),
    limit: z.int().min(1).max(1_001),
  }),
  run: ({ db }, { sectionId, search, before, limit }) => {
    const words = nameKey(search).split(' ').filter(Boolean);
    const patterns = words.map((word) => `%${word.replace(/[\\%_]/g, '\\$&')}%`);
    return formsWhere(
      db,
      sectionId,
      sql`
        form.name_key like all (${patterns}::text[])
        ${before === undefined ? sql`` : sql`and (form.changed_at, form.id) < (${before.at}::timestamptz, ${before.id}::bigint)`}`,
      limit,
    );
  },
});

const InForm = InSection.extend({ formId: inAddress(FormIdSchema) });

/** A form. */
export const readFormOfClient = query({
  name: 'clients.read-form',
  scope: 'section',
  allow: 'readers',
  timeLimit: 'slow',
  input: InForm,
  run: async ({ db }, { sectionId, formId }) => {
    const [found] = await formsWhere(db, sectionId, sql`form.id = ${formId}`, 1);
    return found ?? refuse('not_found', NO_FORM);
  },
});

/** A submission as clients see it. `profileKey`: in the keyspace Export; null: it has no profile, or the client may not use that keyspace. */
export type SubmissionForClient = {
  id: SubmissionId;
  version: number;
  state: SubmissionState;
  at: Date;
  confirmedAt: Date | null;
  referrer: string;
  error: string | null;
  /** Null once the person has been erased. */
  answers: AnswersForClient | null;
  profileKey: string | null;
};

/** Numbers are numbers. */
export type AnswersForClient = Record<string, Answers[string] | number>;

/** A page of a form's submissions, the oldest first. `state`: undefined for all but those in quarantine and removed ones. */
export const readSubmissionsOfClient = query({
  name: 'clients.list-submissions',
  scope: 'section',
  allow: 'readers',
  timeLimit: 'slow',
  input: InForm.extend({
    state: z.enum(SUBMISSION_STATES).optional(),
    since: z.coerce.date().optional(),
    after: PlaceSchema.optional(),
    limit: z.int().min(1).max(1_001),
  }),
  run: async ({ db, actor }, { sectionId, formId, state, since, after, limit }) => {
    const shown = await openAnswers(db, clientOf(actor), sectionId, formId);
    return submissionsWhere(
      db,
      sectionId,
      sql`
        form_id = ${formId}
        and ${state === undefined ? sql`state not in ('quarantined', 'removed')` : sql`state = ${state}`}
        ${since === undefined ? sql`` : sql`and at >= ${since}::timestamptz`}
        ${after === undefined ? sql`` : sql`and (at, id) > (${after.at}::timestamptz, ${after.id}::bigint)`}`,
      { limit, ...shown },
    );
  },
});

/** A submission. */
export const readSubmissionOfClient = query({
  name: 'clients.read-submission',
  scope: 'section',
  allow: 'readers',
  input: InForm.extend({ submissionId: inAddress(SubmissionIdSchema) }),
  run: async ({ db, actor }, { sectionId, formId, submissionId }) => {
    const shown = await openAnswers(db, clientOf(actor), sectionId, formId);
    const one = sql`form_id = ${formId} and id = ${submissionId}`;
    const [found] = await submissionsWhere(db, sectionId, one, { limit: 1, ...shown });
    return found ?? refuse('not_found', 'There is no such submission of this form.');
  },
});

/** How submissions are shown. `questions`: of all versions of the form. */
type Shown = { showKey: boolean; questions: readonly Question[] };

/** Refuses if there is no such form, or one of its versions asked for keys that the client may not use. */
async function openAnswers(
  db: Db,
  client: ReturnType<typeof clientOf>,
  sectionId: SectionId,
  formId: FormId | null,
): Promise<Shown> {
  const found = await rows(
    db,
    sql`select from form where section_id = ${sectionId} and id = ${formId} and deleted_at is null`,
  );
  if (found.length === 0) refuse('not_found', NO_FORM);
  const versions = await listVersions(db, sectionId, formId);
  const questions = questionsOf(versions);
  if (client.keyspaces === 'all') return { showKey: true, questions };
  await requireKeyspaces(
    db,
    client,
    sectionId,
    versions.map(({ document }) => document),
  );
  const keyspaces = await listKeyspaces(db, client.accountId);
  return { showKey: keyspaces.some(({ id, kind }) => kind === 'export' && mayUseKeyspace(client, id)), questions };
}

async function submissionsWhere(
  db: Db,
  sectionId: SectionId,
  where: Sql,
  { limit, showKey, questions }: Shown & { limit: number },
): Promise<SubmissionForClient[]> {
  const found = await rows<
    Omit<SubmissionForClient, 'answers' | 'profileKey'> & { answers: unknown; profileId: ProfileId | null }
  >(
    db,
    sql`
      with page as materialized (
        -- Of columns that an index has: a rare state is found among a million without reading their answers.
        select id from form_submission
        where section_id = ${sectionId} and ${where}
        order by at, id
        limit ${limit}
      )
      select submission.id, version, state, at, confirmed_at as "confirmedAt", referrer, error, answers,
        profile_id as "profileId"
      from page
      join form_submission submission on submission.section_id = ${sectionId} and submission.id = page.id
      order by at, submission.id`,
  );
  return found.map(({ answers, profileId, ...row }) => ({
    ...row,
    answers: answers === null ? null : typed(AnswersSchema.parse(answers), row.version, questions),
    profileKey: showKey && profileId !== null ? exportKey(sectionId, profileId) : null,
  }));
}

/** With numbers as numbers: what somebody entered for one was read as one before it was stored. */
function typed(answers: Answers, version: number, questions: readonly Question[]): AnswersForClient {
  const isNumber = (id: string) =>
    questions.some(({ id: asked, inVersion }) => {
      const element = asked === id ? inVersion.get(version) : undefined;
      return element?.kind === 'input' && element.type === 'number';
    });
  return Object.fromEntries(
    Object.entries(answers).map(([id, answer]) => [
      id,
      typeof answer === 'string' && isNumber(id) ? Number(answer) : answer,
    ]),
  );
}
