// What a flow listens for and what it uses, as its versions, its draft and its settings are now.
import type { FlowId, SectionId } from '@/lib/db/ids';
import type { Tx } from '@/lib/db/sql';
import { listenFor } from './listening';
import { versionsWithPeople } from './lock';
import type { FlowDocument, FlowSettings } from './schema';
import { writeFlowUses } from './uses';

/** Records what the flow uses, and has it hear what it wants to hear. `document`: the draft. `isOn`: it is live or paused. */
export async function hear(
  tx: Tx,
  flow: { sectionId: SectionId; flowId: FlowId },
  { document, settings, isOn }: { document: FlowDocument; settings: FlowSettings; isOn: boolean },
): Promise<void> {
  const versions = await versionsWithPeople(tx, flow.sectionId, flow.flowId);
  const documents = versions.map((each) => each.document);
  if (isOn) await listenFor(tx, flow, { trigger: documents.at(-1)?.trigger ?? null, documents, settings });
  await writeFlowUses(tx, flow.sectionId, flow.flowId, [document, ...documents], settings);
}
