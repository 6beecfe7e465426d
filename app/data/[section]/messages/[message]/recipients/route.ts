import { fileRoute } from '@/app/file-route';
import { valueOf } from '@/lib/access/refusal';
import { today } from '@/lib/export/csv-response';
import { readRecipientsFile, recordRecipientsExport } from '@/lib/messages/report';
import { RecipientFilterSchema } from '@/lib/messages/report-schema';

/** The recipients of a message as CSV. `show`: those of a state, or who did something; without it, all. */
export const GET = fileRoute<'message'>(async ({ actor, section, params, search, request }) => {
  const filter = RecipientFilterSchema.catch('all').parse(search.get('show'));
  const of = { sectionId: section.id, messageId: params.message };
  const { id, name, lines } = valueOf(await readRecipientsFile(actor, { ...of, filter }, { signal: request.signal }));
  return {
    lines,
    fileName: `${name} ${filter} ${today()}.csv`,
    onStart: async () => void valueOf(await recordRecipientsExport(actor, { sectionId: section.id, messageId: id })),
  };
});
