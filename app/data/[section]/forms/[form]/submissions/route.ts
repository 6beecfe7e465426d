import { fileRoute } from '@/app/file-route';
import { valueOf } from '@/lib/access/refusal';
import { today } from '@/lib/export/csv-response';
import { readSubmissionsFile, recordSubmissionsExport } from '@/lib/forms/file';
import { SUBMISSION_STATES } from '@/lib/forms/schema';

/** The submissions of a form as CSV. `show`: those in a state; without it, all but those in quarantine and removed ones. */
export const GET = fileRoute<'form'>(async ({ actor, section, params, search, request }) => {
  const state = SUBMISSION_STATES.find((each) => each === search.get('show')) ?? null;
  const of = { sectionId: section.id, formId: params.form };
  const { id, name, lines } = valueOf(await readSubmissionsFile(actor, { ...of, state }, { signal: request.signal }));
  return {
    lines,
    fileName: `${name} ${state ? `${state} ` : ''}${today()}.csv`,
    onStart: async () => void valueOf(await recordSubmissionsExport(actor, { sectionId: section.id, formId: id })),
  };
});
