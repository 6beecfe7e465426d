import { Refused } from '@/app/refused';
import { requireSection } from '@/app/viewer';
import { z } from 'zod';
import { valueForPage } from '@/app/value-for-page';
import { madeUpPage } from '@/lib/integrations/made-up';
import { SyncRunIdSchema } from '@/lib/db/ids';
import { readAdvice, readConnectionPage, readRunLines } from '@/lib/integrations/reads';
import { RUN_FILTERS } from '@/lib/integrations/schema';
import { FLAPPING_SHOWN } from './advice';
import { ConnectionPanel } from './connection-panel';

export const metadata = { title: 'Integration' };

const RUNS = 20;

/** For so many days nobody is expected to use a new list’s tag. */
const UNUSED_DAYS = 30;

/** The address; invalid parts are dropped. */
const Page = z.object({
  before: SyncRunIdSchema.optional().catch(undefined),
  show: z.enum(RUN_FILTERS).catch('folded'),
});

type Props = {
  params: Promise<{ section: string; connection: string }>;
  searchParams: Promise<Record<string, string | string[] | undefined>>;
};

export default async function ConnectionPage({ params, searchParams }: Props) {
  const { section: slug, connection: connectionId } = await params;
  const { actor, section } = await requireSection(slug);
  const { before, show } = Page.parse(await searchParams);
  const found = await readConnectionPage(actor, { sectionId: section.id, connectionId, limit: 1 });
  if (!found.ok) return <Refused actor={actor} what="Integrations" refusal={found.refusal} />;
  const { connection, open } = found.value;
  const asked = { sectionId: section.id, connectionId, before, show, limit: RUNS };
  const { lines, older } = await valueForPage(readRunLines(actor, asked));
  const advice = await valueForPage(
    readAdvice(actor, { sectionId: section.id, connectionId, limit: FLAPPING_SHOWN + 1 }),
  );
  // A new list has no users yet.
  const newest = Date.now() - UNUSED_DAYS * 86_400_000;
  const settled = new Set(connection.lists.flatMap(({ id, chosenAt }) => (Date.parse(chosenAt) < newest ? [id] : [])));
  return (
    <ConnectionPanel
      section={{ id: section.id, slug }}
      connection={connection}
      madeUpPage={connection.madeUp ? madeUpPage(section.id) : null}
      open={open}
      advice={{ ...advice, unused: advice.unused.filter(({ id }) => settled.has(id)) }}
      runs={{ lines, older, show, isFirst: before === undefined }}
    />
  );
}
