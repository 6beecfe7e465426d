// What a flow wants to hear of: written when it is published, paused or its settings change.
import type { FlowId, SectionId } from '@/lib/db/ids';
import type { Tx } from '@/lib/db/sql';
import { listen, stopListening } from '@/lib/signals/listen';
import type { Subscription } from '@/lib/signals/schema';
import { goalTopics } from './goal';
import { allSteps, type Awaited, type FlowDocument, type FlowSettings, type Trigger } from './schema';

export const CONSUMER = 'flow';

/** What a signal is for. `enrol`: lets somebody in; `wake`: somebody may wait for it; `exit`: they leave if they are in it; `goal`: they leave if they have reached it. */
export const PURPOSES = ['enrol', 'wake', 'exit', 'goal'] as const;
export type Purpose = (typeof PURPOSES)[number];

/** Listens for what the flow's trigger says, what people in any of its versions may wait for, and its exit tag. */
export function listenFor(
  tx: Tx,
  { sectionId, flowId }: { sectionId: SectionId; flowId: FlowId },
  {
    trigger,
    documents,
    settings,
  }: { trigger: Trigger | null; documents: readonly FlowDocument[]; settings: FlowSettings },
): Promise<void> {
  const subscriptions = [
    ...subscriptionsTo(trigger, 'enrol'),
    ...documents
      .flatMap(({ steps }) => allSteps(steps))
      .flatMap((step) => {
        if (step.kind === 'wait_for') return step.ways.flatMap(({ what }) => subscriptionsTo(what, 'wake'));
        if (step.kind === 'wait_date' && step.attributeId !== null) {
          return [{ topic: 'attribute_changed', subjectId: step.attributeId, purpose: 'wake', starts: false } as const];
        }
        return [];
      }),
    // Whoever moves to another zone while they wait goes on by their new clock.
    ...(settings.zoneAttributeId === null
      ? []
      : [{ topic: 'attribute_changed', subjectId: settings.zoneAttributeId, purpose: 'wake', starts: false } as const]),
    // Other flows, people and clients may send somebody here.
    subscription('sent_to_flow', flowId, 'enrol'),
    ...goalTopics(settings).map(({ topic, subjectId }) => subscription(topic, subjectId, 'goal')),
    ...(settings.exitTagId === null ? [] : [subscription('tag_applied', settings.exitTagId, 'exit')]),
  ];
  const different = new Map(subscriptions.map((each) => [`${each.topic}:${each.subjectId}:${each.purpose}`, each]));
  return listen(tx, { sectionId, consumer: CONSUMER, consumerId: flowId }, [...different.values()]);
}

/** Hears of nothing any more; what it has not handled yet is dropped. */
export const stopListeningFor = (
  tx: Tx,
  { sectionId, flowId }: { sectionId: SectionId; flowId: FlowId },
): Promise<void> => stopListening(tx, { sectionId, consumer: CONSUMER, consumerId: flowId });

const subscription = (topic: Subscription['topic'], subjectId: number, purpose: Purpose): Subscription => ({
  topic,
  subjectId,
  purpose,
  starts: purpose === 'enrol',
});

function subscriptionsTo(what: Trigger | Awaited | null, purpose: 'enrol' | 'wake'): Subscription[] {
  switch (what?.kind) {
    case 'tag_applied':
    case 'tag_removed':
      return what.tagId === null ? [] : [subscription(what.kind, what.tagId, purpose)];
    case 'form':
      return what.formId === null ? [] : [subscription('form_submitted', what.formId, purpose)];
    case 'event':
      return what.eventTypeId === null ? [] : [subscription('event_happened', what.eventTypeId, purpose)];
    case 'message':
      return what.messageId === null ? [] : [subscription(`message_${what.did}`, what.messageId, purpose)];
    default:
      return [];
  }
}
