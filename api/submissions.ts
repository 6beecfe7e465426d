// Forms for clients: what there is, what people submitted, and submissions of their own.
import { createRoute, z, type OpenAPIHono } from '@hono/zod-openapi';
import {
  readFormOfClient,
  readFormsOfClient,
  readSubmissionOfClient,
  readSubmissionsOfClient,
  type FormForClient,
  type SubmissionForClient,
} from '@/lib/clients/form-reads';
import { GivenAnswerSchema, submitByClient } from '@/lib/clients/forms';
import type { SectionId } from '@/lib/db/ids';
import { formPath } from '@/lib/forms/address';
import {
  elementsOf,
  INPUT_TYPES,
  isAsking,
  SUBMISSION_STATES,
  type Asking,
  type FormDocument,
} from '@/lib/forms/schema';
import { originOfCall, read, resolveScope, run, SectionPath, type ApiContext, type ApiEnvironment } from './context';
import { nextOf, paging, placeOf } from './paging';
import { PROBLEM_RESPONSES } from './problem';

const tags = ['Forms'];
const moment = z.iso.datetime().nullable();
const state = z.enum(SUBMISSION_STATES).openapi({
  description:
    '`received`: it is about to be applied. `pending`: a mail asked for a confirmation. `waiting`: the form needs attention. `quarantined`: it looks like spam. `failed`: it could not be applied. `done`: it was applied. `removed`: by a person, or it was never confirmed.',
});

const FormPath = SectionPath.extend({ form: z.string().max(20) });

const Form = z
  .object({
    form_id: z.string(),
    code: z.string().openapi({ description: 'In its public address.' }),
    name: z.string(),
    state: z.enum(['draft', 'open', 'closed']).openapi({ description: '`draft`: it was never published.' }),
    version: z.int().nullable().openapi({ description: 'The version that people get.' }),
    url: z.string().nullable().openapi({ description: 'Its public page; null: it was never published.' }),
    needs_attention: z.boolean().openapi({
      description:
        'Something that it uses has been hidden: it takes submissions, but applies none until that is fixed.',
    }),
    submissions: z.record(z.enum(SUBMISSION_STATES), z.int()).openapi({ description: 'How many, by state.' }),
    published_at: moment,
    changed_at: z.iso.datetime(),
  })
  .openapi('Form');

const Question = z
  .object({
    question_id: z.string().openapi({ description: 'The same in all versions.' }),
    type: z.enum([...INPUT_TYPES, 'consent', 'terms', 'hidden']).openapi({
      description:
        '`lines`: a text of several lines. `several`: any of the choices. `consent`, `terms`: a box. `hidden`: comes with the address of the page.',
    }),
    label: z.string().openapi({ description: 'Of `hidden`: the name of the parameter.' }),
    required: z.boolean(),
    choices: z
      .array(z.object({ value: z.string(), label: z.string() }))
      .openapi({ description: 'Of `hidden`: the values that are taken; empty: any.' }),
    shown_if: z
      .object({ question_id: z.string(), values: z.array(z.string()) })
      .nullable()
      .openapi({ description: 'It is asked if this other question has one of the values.' }),
  })
  .openapi('FormQuestion');

const FormWithQuestions = Form.extend({
  language: z.string().nullable(),
  double_opt_in: z.boolean(),
  questions: z.array(Question).openapi({ description: 'Of the version that people get, in its order.' }),
}).openapi('FormWithQuestions');

const Submission = z
  .object({
    submission_id: z.string(),
    state,
    version: z.int().openapi({ description: 'Of the form.' }),
    at: z.iso.datetime(),
    confirmed_at: moment,
    reason: z.string().nullable().openapi({ description: 'Why it failed, or what could not be used.' }),
    referrer: z.string().openapi({ description: 'The host of the page that led to the form; empty if unknown.' }),
    profile_key: z.string().nullable().openapi({
      description: 'In the keyspace Export. Null: it has no profile yet, or this API key may not use that keyspace.',
    }),
    answers: z
      .record(z.string(), z.union([z.string(), z.number(), z.array(z.string()), z.boolean()]))
      .nullable()
      .openapi({
        description:
          'By question, as they are submitted: numbers as numbers, days as `2026-11-30`; without an entry: not asked, or left empty. Null once the person has been erased.',
      }),
  })
  .openapi('FormSubmission');

const Accepted = z.object({ submission_id: z.string(), state }).openapi('AcceptedSubmission');

const RIGHTS = 'The API key must be allowed to use the keyspaces of the keys that the form asks for.';

const answer = <Body extends z.ZodType>(schema: Body, description: string) => ({
  200: { description, content: { 'application/json': { schema } } },
  ...PROBLEM_RESPONSES,
});
const paged = <Item extends z.ZodType>(item: Item) =>
  answer(
    z.object({ items: z.array(item), next: z.string().nullable() }),
    'A page. `next`: the cursor of the next one; null: this is the last.',
  );

export function addSubmissions(api: OpenAPIHono<ApiEnvironment>): void {
  api.openapi(
    createRoute({
      method: 'get',
      path: '/audience/sections/{section}/forms',
      tags,
      summary: 'List forms',
      description: 'Those changed last come first.',
      request: {
        params: SectionPath,
        query: z.object({
          name: z.string().max(200).optional().openapi({ description: 'Words of the name.' }),
          ...paging,
        }),
      },
      responses: paged(Form),
    }),
    async (context) => {
      const { sectionId } = await resolveScope(context, context.req.valid('param'));
      const { name = '', cursor, limit } = context.req.valid('query');
      const before = placeOf(cursor);
      const found = await read(context, readFormsOfClient, {
        ...{ sectionId, search: name, limit: limit + 1 },
        ...(before && { before }),
      });
      const items = found.slice(0, limit).map((form) => formBody(context, sectionId, form));
      return context.json({ items, next: nextOf(found, limit, ({ changedAt }) => changedAt) }, 200);
    },
  );
  api.openapi(
    createRoute({
      method: 'get',
      path: '/audience/sections/{section}/forms/{form}',
      tags,
      summary: 'Get a form with its questions',
      request: { params: FormPath },
      responses: answer(FormWithQuestions, 'The form.'),
    }),
    async (context) => {
      const { form: formId, ...names } = context.req.valid('param');
      const { sectionId } = await resolveScope(context, names);
      const form = await read(context, readFormOfClient, { sectionId, formId });
      const { document } = form;
      return context.json(
        {
          ...formBody(context, sectionId, form),
          language: document?.language ?? null,
          double_opt_in: document?.optIn.on ?? false,
          questions: document ? questionsOf(document) : [],
        },
        200,
      );
    },
  );
  api.openapi(
    createRoute({
      method: 'get',
      path: '/audience/sections/{section}/forms/{form}/submissions',
      tags,
      summary: 'List the submissions of a form',
      description: `The oldest come first. To follow a form, ask again with \`since\` = the time of your last call less a minute, and leave out what you have. ${RIGHTS}`,
      request: {
        params: FormPath,
        query: z.object({
          state: z.enum(SUBMISSION_STATES).optional().openapi({
            description: 'Default: all but `quarantined` and `removed`.',
          }),
          since: z.iso.datetime({ offset: true }).optional().openapi({ description: 'Sent then or later.' }),
          ...paging,
        }),
      },
      responses: paged(Submission),
    }),
    async (context) => {
      const { form: formId, ...names } = context.req.valid('param');
      const { sectionId } = await resolveScope(context, names);
      const { cursor, limit, ...filter } = context.req.valid('query');
      const after = placeOf(cursor);
      const found = await read(context, readSubmissionsOfClient, {
        ...{ sectionId, formId, limit: limit + 1, ...filter },
        ...(after && { after }),
      });
      const items = found.slice(0, limit).map(submissionBody);
      return context.json({ items, next: nextOf(found, limit, ({ at }) => at) }, 200);
    },
  );
  api.openapi(
    createRoute({
      method: 'post',
      path: '/audience/sections/{section}/forms/{form}/submissions',
      tags,
      summary: 'Submit a form',
      description: `As if somebody had filled in its page: the same answers are accepted, with the same words for what is wrong (\`errors\`), and a form with double opt-in asks for a confirmation by mail. Answers to questions that others leave out are left out. Tags that the submission applies or removes must be writable through the keyspace of the form's key. Send an \`Idempotency-Key\`, so that a repeated call is not a second submission. ${RIGHTS}`,
      request: {
        params: FormPath,
        body: {
          required: true,
          content: {
            'application/json': {
              schema: z.object({
                answers: z.record(z.string(), GivenAnswerSchema).openapi({
                  example: { email: 'andy.demo@example.com', news: true },
                  description:
                    'By question. Of `several`: a list of values; of `yesno`, `consent` and `terms`: true or false; days as `2026-11-30`.',
                }),
                version: z.int().positive().optional().openapi({
                  description: 'The version that was filled in. Default: the one that people get.',
                }),
              }),
            },
          },
        },
      },
      responses: {
        202: {
          description: 'It was taken. `Location` is the address of what becomes of it.',
          content: { 'application/json': { schema: Accepted } },
        },
        ...PROBLEM_RESPONSES,
      },
    }),
    async (context) => {
      const { form, ...names } = context.req.valid('param');
      const { sectionId } = await resolveScope(context, names);
      const given = context.req.valid('json');
      const { submissionId, state: is } = await run(context, submitByClient, { sectionId, formId: form, ...given });
      const location = `/audience/sections/${encodeURIComponent(names.section)}/forms/${encodeURIComponent(form)}/submissions/${submissionId}`;
      return context.json({ submission_id: String(submissionId), state: is }, 202, { location });
    },
  );
  api.openapi(
    createRoute({
      method: 'get',
      path: '/audience/sections/{section}/forms/{form}/submissions/{submission}',
      tags,
      summary: 'Get a submission',
      description: RIGHTS,
      request: { params: FormPath.extend({ submission: z.string().max(20) }) },
      responses: answer(Submission, 'The submission.'),
    }),
    async (context) => {
      const { form: formId, submission: submissionId, ...names } = context.req.valid('param');
      const { sectionId } = await resolveScope(context, names);
      return context.json(
        submissionBody(await read(context, readSubmissionOfClient, { sectionId, formId, submissionId })),
        200,
      );
    },
  );
}

const formBody = (context: ApiContext, sectionId: SectionId, form: FormForClient) => ({
  form_id: String(form.id),
  code: form.code,
  name: form.name,
  state: form.version === null ? ('draft' as const) : form.isOpen ? ('open' as const) : ('closed' as const),
  version: form.version,
  url: form.version === null ? null : `${originOfCall(context)}${formPath({ sectionId, code: form.code })}`,
  needs_attention: form.needsAttention,
  submissions: form.counts,
  published_at: form.publishedAt?.toISOString() ?? null,
  changed_at: form.changedAt.toISOString(),
});

const submissionBody = (row: SubmissionForClient) => ({
  submission_id: String(row.id),
  state: row.state,
  version: row.version,
  at: row.at.toISOString(),
  confirmed_at: row.confirmedAt?.toISOString() ?? null,
  reason: row.error,
  referrer: row.referrer,
  profile_key: row.profileKey,
  answers: row.answers,
});

const questionsOf = (document: FormDocument): z.output<typeof Question>[] =>
  elementsOf(document)
    .filter(isAsking)
    .map((element) => ({
      question_id: element.id,
      ...wordsOf(element),
      shown_if: element.shownIf && { question_id: element.shownIf.elementId, values: element.shownIf.values },
    }));

function wordsOf(element: Asking): Pick<z.output<typeof Question>, 'type' | 'label' | 'required' | 'choices'> {
  switch (element.kind) {
    case 'input': {
      const { type, label, required } = element;
      const choices = element.choices.map(({ value, label: shown }) => ({ value, label: shown || value }));
      return { type, label, required, choices };
    }
    case 'consent':
      return { type: 'consent', label: element.label, required: element.required, choices: [] };
    case 'terms':
      return { type: 'terms', label: element.label, required: true, choices: [] };
    case 'hidden':
      return {
        type: 'hidden',
        label: element.parameter,
        required: false,
        choices: element.allowed.map((value) => ({ value, label: value })),
      };
  }
}
