// Whether the messages of a flow can be sent: said at their steps while it is written, all of it at once.
import type { Actor } from '@/lib/access/actor';
import type { SectionId } from '@/lib/db/ids';
import type { Db } from '@/lib/db/sql';
import { faultsOfMessages } from '@/lib/messages/step-faults';
import type { FlowProblem } from './problems';
import { allSteps, dataOf, type FlowDocument } from './schema';

/** For this actor, who may have less rights than others. */
export async function messageProblems(
  about: { db: Db; actor: Actor; sectionId: SectionId },
  document: FlowDocument,
): Promise<FlowProblem[]> {
  const steps = allSteps(document.steps).flatMap((step) =>
    (step.kind === 'email' || step.kind === 'sms') && step.messageId !== null
      ? [{ id: step.id, channel: step.kind, messageId: step.messageId }]
      : [],
  );
  const found = await faultsOfMessages(about, steps);
  const names = new Set(dataOf(document).map(({ name }) => name));
  return steps.flatMap(({ id, messageId }) => {
    const message = found.get(messageId);
    const problem = (words: string, must: boolean): FlowProblem => ({ stepId: id, place: 'steps', words, must });
    const unknown = message?.given.find((name) => !names.has(name));
    return [
      ...(message?.faults ?? []).map((words) => problem(`The message “${message!.name}” is not ready. ${words}`, true)),
      ...(unknown === undefined
        ? []
        : [
            problem(
              `No “${unknown}” comes with people, as what lets them in does not name it: all of them read what stands there instead.`,
              false,
            ),
          ]),
    ];
  });
}
