import { suppressionFilter } from '@/app/(app)/[section]/settings/suppression/filter';
import { fileRoute } from '@/app/file-route';
import { valueOf } from '@/lib/access/refusal';
import { CHANNEL_NAMES } from '@/lib/consents/words';
import { csvLine } from '@/lib/export/csv';
import { today } from '@/lib/export/csv-response';
import { readSuppressions } from '@/lib/suppression/reads';
import { REASON_WORDS, type SuppressionPlace } from '@/lib/suppression/schema';

const PAGE = 5_000;

/** The filtered list as CSV, safe to open in a spreadsheet. */
export const GET = fileRoute(async ({ actor, section, search, request: { signal } }) => {
  const { before: _page, ...filter } = suppressionFilter(Object.fromEntries(search));
  const read = async (before?: SuppressionPlace) =>
    valueOf(await readSuppressions(actor, { sectionId: section.id, ...filter, before, limit: PAGE }, { signal }));
  async function* lines(first: Awaited<ReturnType<typeof read>>) {
    yield `\uFEFF${csvLine(['Address', 'Channel', 'Reason', 'Note', 'Since (UTC)', 'By', 'Lifted (UTC)', 'Reason for lifting'])}`;
    for (let page = first; ; page = await read(page.at(-1))) {
      for (const entry of page) {
        const { address, channel, reason, evidence, at, by, liftedAt, liftReason } = entry;
        yield csvLine([address, CHANNEL_NAMES[channel], REASON_WORDS[reason], evidence, at, by, liftedAt, liftReason]);
      }
      if (page.length < PAGE) return;
    }
  }
  return { lines: lines(await read()), fileName: `suppression list ${today()}.csv` };
});
