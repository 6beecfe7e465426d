// The submissions of a form as a file, with a column for each question that any of its versions has asked.
import { z } from 'zod';
import { command } from '@/lib/access/command';
import { InSection } from '@/lib/access/declared';
import { query } from '@/lib/access/query';
import { refuse } from '@/lib/access/refusal';
import { FormIdSchema, inAddress, type FormId, type SectionId } from '@/lib/db/ids';
import { pool } from '@/lib/db/pool';
import { csvLine } from '@/lib/export/csv';
import { answerInWords } from './answer-words';
import { questionsOf } from './questions';
import { findForm, listSubmissions, listVersions, type SubmissionRow } from './queries';
import { SUBMISSION_STATES } from './schema';
import { STATE_WORDS, VIA_WORDS } from './state-words';

const PAGE = 1_000;

const InFile = InSection.extend({
  formId: inAddress(FormIdSchema),
  state: z.enum(SUBMISSION_STATES).nullable().default(null),
});

/** The file: `{ id, name, lines }`. The lines are read as they are sent. */
export const readSubmissionsFile = query({
  name: 'forms.read-submissions-file',
  scope: 'section',
  allow: 'readers',
  input: InFile,
  run: async ({ db, signal }, { sectionId, formId, state }) => {
    const form = formId === null ? undefined : await findForm(db, sectionId, formId, new Date());
    if (!form) return refuse('not_found', 'This form does not exist in this section: it may have been deleted.');
    const versions = await listVersions(db, sectionId, form.id);
    const questions = questionsOf(versions);
    const lines = linesOf({ sectionId, formId: form.id, state }, questions, signal);
    return { id: form.id, name: form.name, lines };
  },
});

type Of = { sectionId: SectionId; formId: FormId; state: SubmissionRow['state'] | null };

async function* linesOf(
  { sectionId, formId, state }: Of,
  questions: ReturnType<typeof questionsOf>,
  signal?: AbortSignal,
) {
  const heads = ['Time', 'State', 'Confirmed', 'Version', 'Came', 'From', 'Profile'];
  yield `\uFEFF${csvLine([...heads, ...questions.map(({ label }) => label)])}`;
  let before: { at: Date; id: number } | undefined;
  for (;;) {
    if (signal?.aborted) return;
    const page = await listSubmissions(pool(), sectionId, formId, { state, before, limit: PAGE });
    yield page
      .map((row) =>
        csvLine([
          row.at,
          STATE_WORDS[row.state],
          row.confirmedAt,
          row.version,
          VIA_WORDS[row.via] ?? 'by the page of the form',
          row.referrer,
          row.profileId,
          ...questions.map(({ id, inVersion }) => {
            const [answer, asked] = [row.answers?.[id], inVersion.get(row.version)];
            return answer === undefined || !asked ? '' : answerInWords(asked, answer);
          }),
        ]),
      )
      .join('');
    before = page.at(-1);
    if (page.length < PAGE) return;
  }
}

/** Notes in the audit log that somebody took the file. */
export const recordSubmissionsExport = command({
  name: 'forms.export-submissions',
  scope: 'section',
  allow: 'readers',
  input: InSection.extend({ formId: FormIdSchema }),
  run: async ({ tx }, { sectionId, formId }) => {
    const form = await findForm(tx, sectionId, formId, new Date());
    return form?.name ?? refuse('not_found', 'This form does not exist in this section: it may have been deleted.');
  },
  audit: ({ formId }, name) => ({
    summary: `Exported the submissions of the form “${name}”`,
    subject: `form:${formId}`,
  }),
});
