// What pages read about forms.
import { z } from 'zod';
import { InSection } from '@/lib/access/declared';
import { query } from '@/lib/access/query';
import { refuse } from '@/lib/access/refusal';
import { FormIdSchema, inAddress, SubmissionIdSchema, type FormId } from '@/lib/db/ids';
import { maybeOne, rows, sql } from '@/lib/db/sql';
import { answerFields } from '@/lib/events/form-answers';
import { freeNames } from '@/lib/naming/free-name';
import {
  countSubmissions,
  findForm,
  listForms,
  listSubmissions,
  listVersions,
  numbersByDay,
  numbersByStep,
  waitingInDeleted,
} from './queries';
import { SUBMISSION_ORDERS, SUBMISSION_STATES } from './schema';
import { TEMPLATE_WORDS, TEMPLATES, type Template } from './templates';

const InAddressedForm = InSection.extend({ formId: inAddress(FormIdSchema) });
const PlaceSchema = z.object({ at: z.coerce.date(), id: z.int().min(0), score: z.int().min(0).max(100).optional() });
const DAY_MS = 86_400_000;

/** The section's forms, the last changed first. `search`: words of the name. */
export const readForms = query({
  name: 'forms.list',
  scope: 'section',
  allow: 'readers',
  timeLimit: 'list',
  input: InSection.extend({ search: z.string().max(200).default(''), deleted: z.boolean().default(false) }),
  run: ({ db }, { sectionId, search, deleted }) => listForms(db, sectionId, { search, deleted, now: new Date() }),
});

/** What a form of each template can be called: names that are free. */
export const readTemplateNames = query({
  name: 'forms.read-template-names',
  scope: 'section',
  allow: 'readers',
  input: InSection,
  run: async ({ db }, { sectionId }): Promise<Record<Template, string>> => {
    const called = TEMPLATES.map((template) => TEMPLATE_WORDS[template].called);
    const names = await freeNames(called, (keys) =>
      rows(
        db,
        sql`
          select name_key as "nameKey" from form
          where section_id = ${sectionId} and name_key = any(${keys}::text[]) and deleted_at is null`,
      ),
    );
    return Object.fromEntries(TEMPLATES.map((template, at) => [template, names[at]!])) as Record<Template, string>;
  },
});

/** How many submissions wait in forms that were deleted: nobody looks there unasked. */
export const readWaitingInDeleted = query({
  name: 'forms.count-waiting-in-deleted',
  scope: 'section',
  allow: 'readers',
  timeLimit: 'list',
  input: InSection,
  run: ({ db }, { sectionId }) => waitingInDeleted(db, sectionId),
});

/** How many submissions each form has. */
export const readFormTotals = query({
  name: 'forms.count-submissions',
  scope: 'section',
  allow: 'readers',
  timeLimit: 'slow',
  input: InSection,
  run: ({ db }, { sectionId }) => countSubmissions(db, sectionId),
});

/** A form with its draft, what people get, and why it needs attention. */
export const readForm = query({
  name: 'forms.read',
  scope: 'section',
  allow: 'readers',
  input: InAddressedForm,
  run: async ({ db }, { sectionId, formId }) => {
    const form = formId === null ? undefined : await findForm(db, sectionId, formId, new Date());
    return form ?? refuse('not_found', 'This form does not exist in this section: it may have been deleted.');
  },
});

/** A form that was deleted, so that it can be brought back. */
export const readDeletedForm = query({
  name: 'forms.read-deleted',
  scope: 'section',
  allow: 'readers',
  input: InAddressedForm,
  run: async ({ db }, { sectionId, formId }) => {
    const form = await maybeOne<{ id: FormId; name: string; deletedAt: Date }>(
      db,
      sql`
        select id, name, deleted_at as "deletedAt" from form
        where section_id = ${sectionId} and id = ${formId} and deleted_at is not null`,
    );
    return form ?? refuse('not_found', 'This form does not exist in this section.');
  },
});

/** A page of a form's submissions, newest first if not ordered otherwise. Without `state`: all but those in quarantine and removed ones. `id`: only this one. */
export const readSubmissions = query({
  name: 'forms.list-submissions',
  scope: 'section',
  allow: 'readers',
  timeLimit: 'list',
  input: InAddressedForm.extend({
    state: z.enum(SUBMISSION_STATES).nullable().default(null),
    search: z.string().max(200).default(''),
    id: SubmissionIdSchema.optional(),
    order: z.enum(SUBMISSION_ORDERS).default('newest'),
    before: PlaceSchema.optional(),
    limit: z.int().min(1).max(201).default(50),
  }),
  run: ({ db }, { sectionId, formId, ...page }) => listSubmissions(db, sectionId, formId, page),
});

/** The versions that were published, newest first. */
export const readVersions = query({
  name: 'forms.list-versions',
  scope: 'section',
  allow: 'readers',
  input: InAddressedForm,
  run: ({ db }, { sectionId, formId }) => listVersions(db, sectionId, formId),
});

/** The questions of a form as fields of the event 'Form: submitted', for rules of segments. */
export const readAnswerFields = query({
  name: 'forms.list-answer-fields',
  scope: 'section',
  allow: 'readers',
  input: InAddressedForm,
  run: async ({ db }, { sectionId, formId }) =>
    formId === null ? [] : [...(await answerFields(db, sectionId, [formId])).values()],
});

/** What a form did in the last days: by day and referrer, and how many saw each step. */
export const readNumbers = query({
  name: 'forms.read-numbers',
  scope: 'section',
  allow: 'readers',
  timeLimit: 'list',
  input: InAddressedForm.extend({ days: z.int().min(1).max(400).default(30) }),
  run: async ({ db }, { sectionId, formId, days }) => {
    const today = Math.floor(Date.now() / DAY_MS) * DAY_MS;
    const since = new Date(today - (days - 1) * DAY_MS);
    return {
      since,
      days: await numbersByDay(db, sectionId, formId, since),
      steps: await numbersByStep(db, sectionId, formId, since),
    };
  },
});
