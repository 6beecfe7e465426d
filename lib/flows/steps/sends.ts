// Steps that send a message, through the pipeline of messages. Whoever comes here stands at the step until it is known what became of theirs.
import { addToStep, overLimitAtStep, whatBecameOf } from '@/lib/messages/for-flows';
import type { RecipientState } from '@/lib/messages/schema';
import { givenOf } from '../given';
import { zonesOf } from '../people';
import { idsOf, STAGE, type Doing, type Moved, type Run, type Scene } from '../run';
import type { Leaf } from '../schema';
import { openFrom } from '../zones';

type SendStep = Extract<Leaf, { kind: 'email' | 'sms' }>;

/** How soon what became of a message is looked for, and how seldom at last. */
const SOON_MS = 1_000;
const LONGEST_MS = 300_000;

export const send: Doing<SendStep> = async (scene, step, runs) => {
  const moved = new Map<Run, Moved>();
  const sending = runs.filter(({ stage }) => stage === STAGE.sending);
  const others = runs.filter(({ stage }) => stage !== STAGE.sending);
  await settle(scene, step, sending, moved);
  await begin(scene, step, await withinLimit(scene, step, await withinHours(scene, others, moved), moved), moved);
  return runs.map((run) => moved.get(run)!);
};

/** Those who may get it at this hour of their day. The others wait until then. */
async function withinHours(scene: Scene, runs: readonly Run[], moved: Map<Run, Moved>): Promise<readonly Run[]> {
  const { settings, now } = scene;
  if (settings.hours === null || runs.length === 0) return runs;
  const zones = await zonesOf(scene, runs);
  const opens = new Map<string, Date>();
  return runs.filter((run) => {
    const zone = zones.get(run.profileId)!;
    const dueAt = opens.get(zone) ?? openFrom(now, settings.hours, zone);
    opens.set(zone, dueAt);
    if (dueAt > now) moved.set(run, { go: 'stay', stage: STAGE.waiting, dueAt });
    return dueAt <= now;
  });
}

/** Those who have not had as many messages as the section allows. */
async function withinLimit(
  { tx, sectionId, flowId, now }: Scene,
  step: SendStep,
  runs: readonly Run[],
  moved: Map<Run, Moved>,
): Promise<readonly Run[]> {
  if (runs.length === 0) return runs;
  const place = { flowId, stepId: step.id, messageId: step.messageId! };
  const over = await overLimitAtStep(tx, sectionId, place, idsOf(runs), now);
  return runs.filter((run) => {
    const dueAt = over.get(run.profileId);
    if (!dueAt) return true;
    moved.set(run, step.ifOver === 'wait' ? { go: 'stay', stage: STAGE.waiting, dueAt } : notSent(step, 'limit'));
    return false;
  });
}

async function begin(scene: Scene, step: SendStep, runs: readonly Run[], moved: Map<Run, Moved>): Promise<void> {
  if (runs.length === 0) return;
  const { tx, sectionId, flowId, now } = scene;
  const place = { flowId, stepId: step.id, messageId: step.messageId! };
  const numbers = await addToStep(tx, sectionId, place, idsOf(runs), await givenOf(scene, runs), now);
  if (!numbers) throw new Error('The message of this step is not ready to be sent.');
  for (const run of runs) {
    const recipient = numbers.get(run.profileId);
    const dueAt = new Date(now.getTime() + SOON_MS);
    moved.set(
      run,
      recipient === undefined ? notSent(step, 'noAddress') : { go: 'stay', stage: STAGE.sending, dueAt, recipient },
    );
  }
}

async function settle({ tx, sectionId, now }: Scene, step: SendStep, runs: readonly Run[], moved: Map<Run, Moved>) {
  if (runs.length === 0) return;
  const numbers = runs.flatMap(({ recipient }) => (recipient === null ? [] : [recipient]));
  const became = await whatBecameOf(tx, sectionId, numbers);
  for (const run of runs) {
    const { recipient } = run;
    const known = recipient === null ? undefined : became.get(recipient);
    // Another message was faster. They wait as if they had just come here.
    if (known?.state === 'skipped' && known.why === 'limit' && step.ifOver === 'wait') {
      moved.set(run, { go: 'stay', stage: STAGE.waiting, dueAt: now });
      continue;
    }
    const ended = known ? endOf(step, known) : notSent(step, 'gone');
    moved.set(run, ended ?? { go: 'stay', stage: STAGE.sending, dueAt: lookAgain(run, now), recipient: recipient! });
  }
}

/** Where a message has ended; undefined: it is under way. Whether somebody got one that is unknown is shown with the message; they go on. */
function endOf(step: SendStep, { state, why }: { state: RecipientState; why: string | null }): Moved | undefined {
  switch (state) {
    case 'sent':
      return { go: 'on', what: 'passed' };
    case 'unknown':
      return { go: 'on', what: 'passed', note: 'unknown' };
    case 'refused':
    case 'failed':
    case 'skipped':
    case 'cancelled':
      return notSent(step, why ?? state);
    default:
      return undefined;
  }
}

const notSent = ({ ifNot }: SendStep, note: string): Moved =>
  ifNot === 'leave' ? { go: 'leave', what: 'skipped', left: 'not_sent', note } : { go: 'on', what: 'skipped', note };

const lookAgain = ({ arrivedAt }: Run, now: Date): Date =>
  new Date(now.getTime() + Math.min(LONGEST_MS, Math.max(SOON_MS, (now.getTime() - arrivedAt.getTime()) / 4)));
