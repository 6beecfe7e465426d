import { Refused } from '@/app/refused';
import { requireSection } from '@/app/viewer';
import { z } from 'zod';
import { valueForPage } from '@/app/value-for-page';
import { madeUpPage } from '@/lib/integrations/made-up';
import { ConnectionListIdSchema, SyncRunIdSchema } from '@/lib/db/ids';
import { readAdvice, readConnectionPage, readLists, readRunLines } from '@/lib/integrations/reads';
import { LIST_FILTERS, RUN_FILTERS } from '@/lib/integrations/schema';
import { LISTS_SHOWN } from '../words';
import { ADVICE_SHOWN } from './advice';
import { ConnectionPanel } from './connection-panel';

export const metadata = { title: 'Integration' };

const RUNS = 20;

/** The address; invalid parts are dropped. `relink`: the list whose link to the CRM is asked for, from the page of its tag. */
const Page = z.object({
  before: SyncRunIdSchema.optional().catch(undefined),
  show: z.enum(RUN_FILTERS).catch('folded'),
  q: z.string().trim().max(200).catch(''),
  lists: z.enum(LIST_FILTERS).catch('all'),
  page: z.coerce.number().int().min(1).max(100_000).catch(1),
  relink: ConnectionListIdSchema.optional().catch(undefined),
});

type Props = {
  params: Promise<{ section: string; connection: string }>;
  searchParams: Promise<Record<string, string | string[] | undefined>>;
};

export default async function ConnectionPage({ params, searchParams }: Props) {
  const { section: slug, connection: connectionId } = await params;
  const { actor, section } = await requireSection(slug);
  const { before, show, q: search, lists: showLists, page, relink } = Page.parse(await searchParams);
  const of = { sectionId: section.id, connectionId };
  const found = await readConnectionPage(actor, of);
  if (!found.ok) return <Refused actor={actor} what="Integrations" refusal={found.refusal} />;
  const { connection, open } = found.value;
  const offset = (page - 1) * LISTS_SHOWN;
  const lists = await valueForPage(readLists(actor, { ...of, search, show: showLists, offset, limit: LISTS_SHOWN }));
  const asked =
    relink === undefined ? undefined : await valueForPage(readLists(actor, { ...of, listId: relink, limit: 1 }));
  const { lines, older } = await valueForPage(readRunLines(actor, { ...of, before, show, limit: RUNS }));
  const advice = await valueForPage(readAdvice(actor, { ...of, limit: ADVICE_SHOWN + 1 }));
  return (
    <ConnectionPanel
      section={{ id: section.id, slug }}
      connection={connection}
      madeUpPage={connection.madeUp ? madeUpPage(section.id) : null}
      open={open}
      lists={{ ...lists, search, show: showLists, page }}
      relink={asked?.lists[0] ?? null}
      advice={advice}
      runs={{ lines, older, show, before: before ?? null }}
    />
  );
}
