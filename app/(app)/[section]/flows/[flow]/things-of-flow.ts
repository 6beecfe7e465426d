import { valueForPage } from '@/app/value-for-page';
import type { FlowThings } from '@/components/flows/editor-context';
import type { UserActor } from '@/lib/access/actor';
import type { SectionId } from '@/lib/db/ids';
import { readFlowChoices } from '@/lib/flows/reads';
import { goalRules, rulesIn } from '@/lib/flows/references';
import type { FlowDocument, FlowSettings } from '@/lib/flows/schema';
import { readVocabulary } from '@/lib/segments/reads';

/** What a flow can refer to, with the names of what it refers to already. `settings`: where the goal is shown. */
export async function thingsOfFlow(
  actor: UserActor,
  sectionId: SectionId,
  flowId: string,
  documents: readonly FlowDocument[],
  settings: FlowSettings | null = null,
): Promise<FlowThings> {
  const goal = settings && goalRules(settings);
  const rules = [...documents.flatMap(rulesIn), ...(goal ? [goal] : [])];
  const [vocabulary, choices] = await Promise.all([
    valueForPage(readVocabulary(actor, { sectionId, rules })),
    valueForPage(readFlowChoices(actor, { sectionId, flowId })),
  ]);
  return { vocabulary, ...choices };
}
