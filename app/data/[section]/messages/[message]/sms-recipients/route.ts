import { fileRoute } from '@/app/file-route';
import { valueOf } from '@/lib/access/refusal';
import { today } from '@/lib/export/csv-response';
import { recordRecipientsExport } from '@/lib/messages/report';
import { SmsFilterSchema } from '@/lib/messages/report-schema';
import { readSmsRecipientsFile } from '@/lib/messages/sms-report';

/** The recipients of an SMS message as CSV. `show`: those of whom something is true; without it, all. */
export const GET = fileRoute<'message'>(async ({ actor, section, params, search, request }) => {
  const filter = SmsFilterSchema.catch('all').parse(search.get('show'));
  const of = { sectionId: section.id, messageId: params.message };
  const found = await readSmsRecipientsFile(actor, { ...of, filter }, { signal: request.signal });
  const { id, name, lines } = valueOf(found);
  return {
    lines,
    fileName: `${name} ${filter} ${today()}.csv`,
    onStart: async () => void valueOf(await recordRecipientsExport(actor, { sectionId: section.id, messageId: id })),
  };
});
