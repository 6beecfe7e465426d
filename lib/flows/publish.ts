// What is published of a flow, and whether it lets people in and moves them.
import { isDeepStrictEqual } from 'node:util';
import { z } from 'zod';
import { actorUserId, type Actor } from '@/lib/access/actor';
import { command } from '@/lib/access/command';
import { mayAct } from '@/lib/access/policy';
import { refuse, Refusal } from '@/lib/access/refusal';
import type { FlowId, SectionId } from '@/lib/db/ids';
import { execute, maybeOne, sql, type Tx } from '@/lib/db/sql';
import { addressProblem } from '@/lib/outbound/request';
import { cancelSendsOf, pauseSendsOf, readyForStep, resumeSendsOf } from '@/lib/messages/for-flows';
import { ofFlow } from './address';
import { answerProblems } from './answered';
import { lostInFlows } from './attention';
import { hear } from './hear';
import { requireKnown } from './known';
import { stopListeningFor } from './listening';
import { isLookedFor } from './look';
import { forgetKept } from './kept';
import { holdDoorShut, lockFlow, requireRevision, type LockedFlow } from './lock';
import { circleProblems } from './circles';
import { noticeProblems } from './notices';
import { planOf } from './open';
import { problemsOf } from './problems';
import { allSteps, FlowSettingsSchema, InFlow, type FlowDocument, type FlowSettings, type FlowState } from './schema';
import { writeFlowUses } from './uses';
import { valueProblems } from './values';
import { holding, sendTo } from './who';

/**
 * Makes the draft what people come into from now on, as a version that stays as it is: `{ version }`. Whoever is in the flow goes on in theirs. A
 * draft, or a flow that was stopped, goes live by it; a paused one stays paused. `also`: those enter too for whom the trigger holds already.
 */
export const publishFlow = command({
  name: 'flows.publish',
  scope: 'section',
  allow: 'everyone',
  input: InFlow.extend({ revision: z.int().min(1), also: z.boolean().default(false) }),
  run: async ({ tx, prisma, actor }, { sectionId, flowId, revision, also }) => {
    await holdDoorShut(tx, flowId);
    const flow = await lockFlow(tx, sectionId, flowId);
    requireRevision(flow, revision);
    await requireWhole({ tx, actor, sectionId, flowId }, flow);
    requireMayCall(actor, flow.document);
    if (flow.state === 'stopped') await requireNobody(tx, sectionId, flowId);
    await readyMessages({ tx, actor, sectionId, flowId }, flow);
    const { document } = flow;
    const version = (flow.version ?? 0) + 1;
    const now = new Date();
    await prisma.flowVersion.create({
      data: { sectionId, flowId, version, document, createdBy: actorUserId(actor), createdAt: now },
      select: { version: true },
    });
    const state: FlowState = flow.state === 'paused' ? 'paused' : 'live';
    const isSameTrigger = await hasTrigger(tx, { sectionId, flowId }, flow);
    await prisma.flow.update({
      where: { sectionId_id: { sectionId, id: flowId } },
      data: {
        ...{ version, state, publishedAt: now },
        // Of a segment, the first look only notes who is in it.
        ...(!isSameTrigger && { lookedAt: document.trigger?.kind === 'date' ? now : null }),
        lookAt: isLookedFor(document.trigger) || flow.settings.goal !== null ? now : null,
      },
      select: { id: true },
    });
    await hear(tx, { sectionId, flowId }, { document, settings: flow.settings, isOn: true });
    if (state === 'live') await resumeSendsOf(tx, sectionId, flowId, flow.settings.exitTagId);
    else await pauseSendsOf(tx, sectionId, flowId);
    const people = also ? await holding(tx, sectionId, document.trigger, now) : undefined;
    const sent = people ? await sendTo(tx, { sectionId, flowId }, people, now) : 0;
    return { version, state, name: flow.name, sent };
  },
  audit: ({ flowId }, { version, name }) => ({
    summary: version === 1 ? `Published the flow “${name}”` : `Published the flow “${name}” in its version ${version}`,
    subject: ofFlow(flowId),
  }),
});

/** Whether the flow goes on with the trigger that it has: then nothing that happened since the last look is passed over. */
async function hasTrigger(
  tx: Tx,
  { sectionId, flowId }: { sectionId: SectionId; flowId: FlowId },
  { state, version, document }: LockedFlow,
): Promise<boolean> {
  if (version === null || (state !== 'live' && state !== 'paused')) return false;
  const { trigger } = (await planOf(tx, sectionId, flowId, version)).document;
  return isDeepStrictEqual(trigger, document.trigger);
}

/** Those who were in it when it was stopped have left, which takes a moment. */
async function requireNobody(tx: Tx, sectionId: SectionId, flowId: FlowId): Promise<void> {
  const inside = await maybeOne(
    tx,
    sql`
      select from flow_run
      where section_id = ${sectionId} and flow_id = ${flowId} and due_at is not null
      limit 1`,
  );
  if (inside) refuse('conflict', 'Everybody is just leaving this flow, as it was stopped. Try again in a moment.');
}

async function requireWhole({ tx, actor, sectionId, flowId }: Publishing, flow: LockedFlow): Promise<void> {
  const { document, settings } = flow;
  const problems = [
    ...problemsOf(document, settings),
    ...(await valueProblems(tx, sectionId, document)),
    ...(await answerProblems(tx, sectionId, document)),
    ...(await circleProblems(tx, sectionId, { id: flowId, ...flow })),
  ];
  const problem = problems.find(({ must }) => must);
  if (problem) refuse('invalid', problem.words, { field: problem.stepId ?? problem.place });
  const notice = (await noticeProblems({ db: tx, actor, sectionId }, document)).find(({ must }) => must);
  if (notice) refuse('not_allowed', notice.words, { field: notice.stepId! });
  const [lost = []] = await lostInFlows(tx, sectionId, [{ document, settings }]);
  if (lost.length > 0) refuse('hidden', lost[0]!.reason, { field: lost[0]!.stepId ?? 'trigger' });
}

/** A call takes what is known of people out of Tagwell: that is for those who may connect other systems. */
function requireMayCall(actor: Actor, { steps }: FlowDocument): void {
  for (const step of allSteps(steps)) {
    if (step.kind !== 'webhook') continue;
    const problem = addressProblem(step.address);
    if (problem !== null) refuse('invalid', problem, { field: step.id });
    if (mayAct(actor, 'integrators')) continue;
    refuse(
      'not_allowed',
      'Only Account Owners and Admins can publish a flow that calls another system. Ask one of them.',
      {
        field: step.id,
      },
    );
  }
}

type Publishing = { tx: Tx; actor: Actor; sectionId: SectionId; flowId: FlowId };

/** Makes the messages of a flow ready to be sent, as they are now. What is missing is said at its step. */
async function readyMessages({ flowId, ...about }: Publishing, { document, settings }: LockedFlow): Promise<void> {
  const now = new Date();
  for (const step of allSteps(document.steps)) {
    if ((step.kind !== 'email' && step.kind !== 'sms') || step.messageId === null) continue;
    const place = { flowId, stepId: step.id, messageId: step.messageId, channel: step.kind };
    try {
      await readyForStep({ ...about, exitTagId: settings.exitTagId, now }, place);
    } catch (error) {
      if (error instanceof Refusal) refuse(error.code, error.message, { field: step.id });
      throw error;
    }
  }
}

/** Saves what holds for everybody in the flow, from now on and in every version: `{ revision }`. */
export const saveFlowSettings = command({
  name: 'flows.save-settings',
  scope: 'section',
  allow: 'everyone',
  input: InFlow.extend({ revision: z.int().min(1), settings: FlowSettingsSchema }),
  run: async ({ tx, prisma, actor }, { sectionId, flowId, revision, settings }) => {
    const flow = await lockFlow(tx, sectionId, flowId);
    requireRevision(flow, revision);
    await requireKnown(tx, sectionId, flow.document, settings);
    if (settings.opensOn !== null && settings.closesOn !== null && settings.closesOn < settings.opensOn) {
      refuse('invalid', 'The last day on which people may enter is before the first one.', { field: 'closesOn' });
    }
    const isOn = flow.state === 'live' || flow.state === 'paused';
    const now = new Date();
    const refers = (of: FlowSettings) => [of.exitTagId, of.goal];
    if (isOn && !isDeepStrictEqual(refers(settings), refers(flow.settings))) {
      const [lost = []] = await lostInFlows(tx, sectionId, [{ document: { ...flow.document, steps: [] }, settings }]);
      if (lost.length > 0) refuse('hidden', lost[0]!.reason, { field: 'settings' });
    }
    await prisma.flow.update({
      where: { sectionId_id: { sectionId, id: flowId } },
      data: {
        ...{ settings, revision: revision + 1, changedAt: now, changedBy: actorUserId(actor) },
        // Somebody may have reached the goal already.
        ...(isOn && settings.goal !== null && { lookAt: now }),
      },
      select: { id: true },
    });
    await hear(tx, { sectionId, flowId }, { document: flow.document, settings, isOn });
    if (flow.state === 'live') await resumeSendsOf(tx, sectionId, flowId, settings.exitTagId);
    return { revision: revision + 1, name: flow.name, isOn };
  },
  audit: ({ flowId }, { name, isOn }) =>
    isOn ? { summary: `Changed the settings of the flow “${name}”`, subject: ofFlow(flowId) } : null,
});

/** Nobody enters and nobody moves until it goes on. */
export const pauseFlow = command({
  name: 'flows.pause',
  scope: 'section',
  allow: 'everyone',
  input: InFlow,
  run: async ({ tx }, { sectionId, flowId }) => {
    const { name, state } = await lockFlow(tx, sectionId, flowId);
    if (state !== 'live') refuse('conflict', 'Only a live flow can be paused.');
    await setState(tx, sectionId, flowId, 'paused');
    await pauseSendsOf(tx, sectionId, flowId);
    return { name };
  },
  audit: ({ flowId }, { name }) => ({ summary: `Paused the flow “${name}”`, subject: ofFlow(flowId) }),
});

/** A paused flow goes on: what was due meanwhile is done at once. */
export const resumeFlow = command({
  name: 'flows.resume',
  scope: 'section',
  allow: 'everyone',
  input: InFlow,
  run: async ({ tx }, { sectionId, flowId }) => {
    const { name, state, settings } = await lockFlow(tx, sectionId, flowId);
    if (state !== 'paused') refuse('conflict', 'This flow is not paused.');
    await setState(tx, sectionId, flowId, 'live');
    await resumeSendsOf(tx, sectionId, flowId, settings.exitTagId);
    return { name };
  },
  audit: ({ flowId }, { name }) => ({ summary: `Let the flow “${name}” go on`, subject: ofFlow(flowId) }),
});

/** Everybody leaves it, and nobody enters, unless it is published again. */
export const stopFlow = command({
  name: 'flows.stop',
  scope: 'section',
  allow: 'everyone',
  input: InFlow,
  run: async ({ tx }, { sectionId, flowId }) => {
    await holdDoorShut(tx, flowId);
    const { name, state, document, settings } = await lockFlow(tx, sectionId, flowId);
    if (state !== 'live' && state !== 'paused') refuse('conflict', 'This flow is not live.');
    await setState(tx, sectionId, flowId, 'stopped');
    await cancelSendsOf(tx, sectionId, flowId, new Date());
    await forgetKept(tx, { sectionId, flowId });
    await stopListeningFor(tx, { sectionId, flowId });
    await writeFlowUses(tx, sectionId, flowId, [document], settings);
    return { name };
  },
  audit: ({ flowId }, { name }) => ({ summary: `Stopped the flow “${name}”`, subject: ofFlow(flowId) }),
});

async function setState(tx: Tx, sectionId: SectionId, flowId: FlowId, state: FlowState): Promise<void> {
  await execute(tx, sql`update flow set state = ${state} where section_id = ${sectionId} and id = ${flowId}`);
}
