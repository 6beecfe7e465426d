// What pages read about flows.
import { z } from 'zod';
import { InSection } from '@/lib/access/declared';
import type { Actor } from '@/lib/access/actor';
import { DaySchema } from '@/lib/attributes/comparison';
import { query } from '@/lib/access/query';
import { refuse } from '@/lib/access/refusal';
import { FlowIdSchema, inAddress, ProfileIdSchema, TagIdSchema, type SectionId } from '@/lib/db/ids';
import type { Db } from '@/lib/db/sql';
import { answerProblems } from './answered';
import { lostInFlows } from './attention';
import { circleProblems } from './circles';
import { flowsFor } from './entries';
import { messageProblems } from './message-problems';
import { noticeProblems } from './notices';
import { listOlderPlaces } from './older-versions';
import { openFlow } from './open';
import { secretOf } from './out';
import { closedInWords } from './period';
import { problemsOf, type FlowProblem } from './problems';
import {
  countKept,
  findFlow,
  findRun,
  isThere,
  listFlows,
  listDays,
  liveFlows,
  listFlowsOf,
  listPeople,
  listVersions,
  readCounts,
  type FlowDetails,
} from './queries';
import { flowChoices } from './things';
import { valueProblems } from './values';
import { walkThrough } from './walk';
import { countEntering, holding } from './who';
import { whyClosed } from './zones';

const InAddressedFlow = InSection.extend({ flowId: inAddress(FlowIdSchema) });
const GONE = 'This flow does not exist in this section: it may have been deleted.';

/** The section's flows, the last changed first. `search`: words of the name. `deleted`: those that can be brought back. */
export const readFlows = query({
  name: 'flows.list',
  scope: 'section',
  allow: 'readers',
  timeLimit: 'list',
  input: InSection.extend({ search: z.string().max(200).default(''), deleted: z.boolean().default(false) }),
  run: ({ db }, { sectionId, search, deleted }) => listFlows(db, sectionId, { search, deleted }),
});

/** The flows into which people can be let now, by name. */
export const readLiveFlows = query({
  name: 'flows.list-live',
  scope: 'section',
  allow: 'readers',
  input: InSection,
  run: ({ db }, { sectionId }) => liveFlows(db, sectionId),
});

/** A flow with its draft, its settings, what people come into, and why it needs attention. */
export const readFlow = query({
  name: 'flows.read',
  scope: 'section',
  allow: 'readers',
  input: InAddressedFlow,
  run: async ({ db }, { sectionId, flowId }) => {
    const flow = flowId === null ? undefined : await findFlow(db, sectionId, flowId);
    return flow ?? refuse('not_found', GONE);
  },
});

/** What keeps the draft from being published (`must`), and what may be a mistake. */
export const readFlowProblems = query({
  name: 'flows.read-problems',
  scope: 'section',
  allow: 'readers',
  timeLimit: 'list',
  input: InAddressedFlow,
  run: async ({ db, actor }, { sectionId, flowId }): Promise<FlowProblem[]> => {
    const flow = flowId === null ? undefined : await findFlow(db, sectionId, flowId);
    if (!flow) return refuse('not_found', GONE);
    return [...problemsOf(flow.document, flow.settings), ...(await furtherProblems({ db, actor, sectionId }, flow))];
  },
});

/** The same without what the editor finds itself: what the draft refers to and cannot use, wrong values, and circles with other flows. */
export const readFurtherProblems = query({
  name: 'flows.read-further-problems',
  scope: 'section',
  allow: 'readers',
  timeLimit: 'list',
  input: InAddressedFlow,
  run: async ({ db, actor }, { sectionId, flowId }): Promise<FlowProblem[]> => {
    const flow = flowId === null ? undefined : await findFlow(db, sectionId, flowId);
    return flow ? furtherProblems({ db, actor, sectionId }, flow) : refuse('not_found', GONE);
  },
});

async function furtherProblems(
  about: { db: Db; actor: Actor; sectionId: SectionId },
  flow: FlowDetails,
): Promise<FlowProblem[]> {
  const { db, sectionId } = about;
  const { document, settings } = flow;
  const [lost = []] = await lostInFlows(db, sectionId, [{ document, settings }]);
  const closed = await closedForGood(db, sectionId, flow);
  return [
    ...(closed === null ? [] : [{ stepId: null, place: 'settings' as const, words: closed, must: false }]),
    ...(await valueProblems(db, sectionId, document)),
    ...(await answerProblems(db, sectionId, document)),
    ...(await messageProblems(about, document)),
    ...(await noticeProblems(about, document)),
    ...(await circleProblems(db, sectionId, flow)),
    ...lost.map(({ stepId, reason }) => ({
      ...{ stepId, words: reason, must: true },
      place: stepId === null ? ('trigger' as const) : ('steps' as const),
    })),
  ];
}

async function closedForGood(db: Db, sectionId: SectionId, { id, settings }: FlowDetails): Promise<string | null> {
  const opened = settings.closesOn === null ? undefined : await openFlow(db, sectionId, id);
  const now = new Date();
  if (!opened || whyClosed(settings, opened.timeZone, now) !== 'late') return null;
  return closedInWords(settings, opened.timeZone, now);
}

/** What the steps of a flow can refer to: messages, forms and other flows, by name. */
export const readFlowChoices = query({
  name: 'flows.list-choices',
  scope: 'section',
  allow: 'readers',
  timeLimit: 'list',
  input: InAddressedFlow,
  run: async ({ db }, { sectionId, flowId }) =>
    flowId === null ? refuse('not_found', GONE) : flowChoices(db, sectionId, flowId),
});

/** The versions that were published, newest first, with how many are in each. */
export const readFlowVersions = query({
  name: 'flows.list-versions',
  scope: 'section',
  allow: 'readers',
  timeLimit: 'list',
  input: InAddressedFlow,
  run: async ({ db }, { sectionId, flowId }) => (flowId === null ? [] : listVersions(db, sectionId, flowId)),
});

/** Who is in older versions, by step, and whether the step is in the version into which people come now (`into`). */
export const readOlderPlaces = query({
  name: 'flows.list-older-places',
  scope: 'section',
  allow: 'readers',
  timeLimit: 'list',
  input: InAddressedFlow,
  run: ({ db }, { sectionId, flowId }) =>
    flowId === null ? refuse('not_found', GONE) : listOlderPlaces(db, sectionId, flowId),
});

/** How many came to each step and how they went on. `version`: null for all together. */
export const readFlowNumbers = query({
  name: 'flows.read-numbers',
  scope: 'section',
  allow: 'readers',
  timeLimit: 'list',
  input: InAddressedFlow.extend({ version: z.int().min(1).nullable().default(null) }),
  run: ({ db }, { sectionId, flowId, version }) =>
    flowId === null ? refuse('not_found', GONE) : readCounts(db, sectionId, flowId, version),
});

/** What happened by day since one (YYYY-MM-DD): who entered, came to the end, and reached the goal. */
export const readFlowDays = query({
  name: 'flows.list-days',
  scope: 'section',
  allow: 'readers',
  timeLimit: 'list',
  input: InAddressedFlow.extend({ since: DaySchema }),
  run: ({ db }, { sectionId, flowId, since }) =>
    flowId === null ? refuse('not_found', GONE) : listDays(db, sectionId, flowId, since),
});

/** Who is in a flow, a page by profile. `step`: only there. `failed`: those whose step has failed. `after`: the last profile of the page before. */
export const readPeopleInFlow = query({
  name: 'flows.list-people',
  scope: 'section',
  allow: 'readers',
  timeLimit: 'list',
  input: InAddressedFlow.extend({
    step: z.string().max(16).nullable().default(null),
    failed: z.boolean().default(false),
    after: z.int().min(0).default(0),
    limit: z.int().min(1).max(201).default(50),
  }),
  run: ({ db }, { sectionId, flowId, ...page }) =>
    flowId === null ? refuse('not_found', GONE) : listPeople(db, sectionId, flowId, page),
});

/** Somebody in a flow with all that happened to them there; null if they were never in it. */
export const readRun = query({
  name: 'flows.read-run',
  scope: 'section',
  allow: 'readers',
  timeLimit: 'list',
  input: InAddressedFlow.extend({ profileId: inAddress(ProfileIdSchema) }),
  run: async ({ db }, { sectionId, flowId, profileId }) =>
    flowId === null || profileId === null ? null : ((await findRun(db, sectionId, flowId, profileId)) ?? null),
});

/** The flows that somebody is in or has been in, the last entered first. */
export const readFlowsOfProfile = query({
  name: 'flows.list-of-profile',
  scope: 'section',
  allow: 'readers',
  timeLimit: 'list',
  input: InSection.extend({ profileId: inAddress(ProfileIdSchema) }),
  run: async ({ db }, { sectionId, profileId }) => (profileId === null ? [] : listFlowsOf(db, sectionId, profileId)),
});

/** For how many the draft’s trigger holds already, and how many of them would enter now; null: it is not something that holds. */
export const readWouldEnter = query({
  name: 'flows.count-would-enter',
  scope: 'section',
  allow: 'readers',
  timeLimit: 'slow',
  input: InAddressedFlow,
  run: async ({ db }, { sectionId, flowId }) => {
    const flow = flowId === null ? undefined : await findFlow(db, sectionId, flowId);
    if (!flow) return refuse('not_found', GONE);
    const now = new Date();
    const people = await holding(db, sectionId, flow.document.trigger, now);
    if (!people) return null;
    const opened = await openFlow(db, sectionId, flow.id);
    if (opened && whyClosed(flow.settings, opened.timeZone, now) !== null) return { holds: 0, enters: 0 };
    return countEntering(db, { sectionId, flowId: flow.id }, flow.document, flow.settings, people, now);
  },
});

/** How many came while the flow was paused or needed attention, and wait to be let in or forgotten. */
export const readKept = query({
  name: 'flows.count-kept',
  scope: 'section',
  allow: 'readers',
  input: InAddressedFlow,
  run: async ({ db }, { sectionId, flowId }) => ({
    people: flowId === null ? 0 : await countKept(db, sectionId, flowId),
  }),
});

/** The flows that an import may start by the tags that it applies and removes; `columns`: also by tags that its rows name. */
export const readFlowsForImport = query({
  name: 'flows.list-for-import',
  scope: 'section',
  allow: 'readers',
  timeLimit: 'list',
  input: InSection.extend({
    apply: z.array(TagIdSchema).max(100).default([]),
    remove: z.array(TagIdSchema).max(100).default([]),
    columns: z.boolean().default(false),
  }),
  run: ({ db }, { sectionId, apply, remove, columns }) =>
    flowsFor(db, sectionId, { source: 'import', ...(columns ? { any: true } : { apply, remove }) }),
});

/** The way that somebody would take through the draft, with the times by their own clock. Nothing is done. */
export const readWalk = query({
  name: 'flows.walk-through',
  scope: 'section',
  allow: 'readers',
  timeLimit: 'list',
  input: InAddressedFlow.extend({ profileId: ProfileIdSchema }),
  run: async ({ db }, { sectionId, flowId, profileId }) => {
    const flow = flowId === null ? undefined : await findFlow(db, sectionId, flowId);
    if (!flow) return refuse('not_found', GONE);
    if (!(await isThere(db, sectionId, profileId))) return refuse('not_found', 'This profile does not exist.');
    const { document, settings } = flow;
    return walkThrough({ db, sectionId, flowId: flow.id, settings, profileId, now: new Date() }, document);
  },
});

/** By which receivers of a flow’s calls know that they are Tagwell’s, as Standard Webhooks have it. */
export const readFlowSecret = query({
  name: 'flows.read-secret',
  scope: 'section',
  allow: 'integrators',
  input: InSection,
  run: (_context, { sectionId }) => Promise.resolve({ secret: secretOf(sectionId) }),
});
