// What API clients read of flows: what there is, what a flow does in words with its numbers, and who is in it.
import { z } from 'zod';
import type { ClientActor } from '@/lib/access/actor';
import { InSection } from '@/lib/access/declared';
import { query } from '@/lib/access/query';
import { Refusal, refuse } from '@/lib/access/refusal';
import { FlowIdSchema, inAddress, KeyspaceIdSchema, type ProfileId, type SectionId } from '@/lib/db/ids';
import { rows, sql, type Db, type Sql } from '@/lib/db/sql';
import { outsideOfRules } from '@/lib/flows/attention';
import type { Left } from '@/lib/flows/outcomes';
import {
  failedSlice,
  findFlow,
  findRun,
  insideSlice,
  listFlows,
  readCounts,
  type FlowDetails,
  type FlowNumbers,
} from '@/lib/flows/queries';
import { rulesIn } from '@/lib/flows/references';
import { STAGE } from '@/lib/flows/run';
import { FLOW_STATES, type FlowDocument } from '@/lib/flows/schema';
import { flowChoices } from '@/lib/flows/things';
import type { FlowNames } from '@/lib/flows/words';
import { findProfile, NO_PROFILE, openKey, openKeyspace, type InKeyspace } from '@/lib/profiles/keyspace';
import { vocabularyOf } from '@/lib/segments/vocabulary';
import { namesIn } from '@/lib/segments/words';
import { clientOf } from './client';
import { oneKey, shownKey } from './feed';
import { NO_FLOW, requireFlow, requireReadableFlow } from './flows';
import { withoutHidden } from './segments';

const InFlow = InSection.extend({ flowId: inAddress(FlowIdSchema) });

/** A page of flows, the newest change first. */
export const readFlowsOfClient = query({
  name: 'clients.list-flows',
  scope: 'section',
  allow: 'readers',
  timeLimit: 'list',
  input: InSection.extend({
    state: z.enum(FLOW_STATES).optional(),
    search: z.string().max(200),
    before: z.object({ at: z.coerce.date(), id: z.int().min(0) }).optional(),
    limit: z.int().min(1).max(1_001),
  }),
  run: ({ db }, { sectionId, ...page }) => listFlows(db, sectionId, { ...page, deleted: false }),
});

/** A flow with what people come into, names for its words, and its numbers; null if they may tell what the client may not read. */
export const readFlowOfClient = query({
  name: 'clients.read-flow',
  scope: 'section',
  allow: 'readers',
  timeLimit: 'list',
  input: InFlow,
  run: async ({ db, actor }, { sectionId, flowId }) => {
    const client = clientOf(actor);
    const flow = flowId === null ? undefined : await findFlow(db, sectionId, flowId);
    if (!flow) return refuse('not_found', NO_FLOW);
    const shown = flow.published ?? flow.document;
    return {
      ...flow,
      shown,
      names: await namesOf(db, client, sectionId, flow, shown),
      numbers: await numbersOf(db, client, sectionId, flow),
    };
  },
});

/** Clients do not see the name of what was hidden or deleted. */
async function namesOf(
  db: Db,
  client: ClientActor,
  sectionId: SectionId,
  { id, settings }: FlowDetails,
  document: FlowDocument,
): Promise<FlowNames> {
  const items = outsideOfRules({ document, settings });
  const vocabulary = await vocabularyOf(db, { accountId: client.accountId, sectionId }, [
    ...rulesIn(document),
    { root: { kind: 'group', match: 'all', items } },
  ]);
  const { messages, forms, flows } = await flowChoices(db, sectionId, id);
  const named = <Id>(things: readonly { id: Id; name: string }[], one: Id, gone: string) =>
    things.find((thing) => thing.id === one)?.name ?? gone;
  return {
    ...namesIn(withoutHidden(vocabulary)),
    message: (one) => named(messages, one, 'a message that was deleted'),
    form: (one) => named(forms, one, 'a form that was deleted'),
    flow: (one) => named(flows, one, 'a flow that was deleted'),
  };
}

async function numbersOf(
  db: Db,
  client: ClientActor,
  sectionId: SectionId,
  flow: FlowDetails,
): Promise<FlowNumbers | null> {
  try {
    await requireReadableFlow(db, client, { sectionId, flow });
  } catch (error) {
    if (error instanceof Refusal) return null;
    throw error;
  }
  return readCounts(db, sectionId, flow.id, null);
}

/** Of those who are, or were, in a flow. */
export const PEOPLE_STATES = ['inside', 'failed', 'left'] as const;

/** Somebody in a flow. `until`: when their wait is over at the latest; null: they do not wait for a time. */
export type ClientPerson = {
  key: string;
  entry: number;
  version: number;
  step: string | null;
  enteredAt: Date;
  arrivedAt: Date;
  until: Date | null;
  leftAt: Date | null;
  outcome: Left | null;
};

const personColumns = sql`
  run.profile_id as id, run.entry, run.version, run.step, run.entered_at as "enteredAt", run.arrived_at as "arrivedAt",
  case when run.stage in (${STAGE.waiting}, ${STAGE.listening}) then run.due_at end as until, run.left_at as "leftAt",
  run.outcome, run.due_at`;

/** A page of those who have a key in the keyspace, by profile. `limit`: how many are looked at. `next`: the cursor of the next page; null at the end. */
export const readPeopleOfClient = query({
  name: 'clients.list-people-in-flow',
  scope: 'section',
  allow: 'readers',
  timeLimit: 'slow',
  input: InFlow.extend({
    keyspaceId: KeyspaceIdSchema,
    state: z.enum(PEOPLE_STATES),
    step: z.string().max(16).nullable(),
    after: z.int().min(0),
    limit: z.int().min(1).max(1_000),
  }),
  run: async ({ db, actor, accountId }, { sectionId, keyspaceId, flowId, ...page }) => {
    const keyspace = await openKeyspace(db, actor, accountId, { sectionId, keyspaceId });
    const flow = await requireFlow(db, sectionId, flowId);
    await requireReadableFlow(db, clientOf(actor), { sectionId, flow, keyspaces: [keyspace] });
    return peopleByKey(db, keyspace, peoplePage(sectionId, flow.id, page), page);
  },
});

type Page = { state: (typeof PEOPLE_STATES)[number]; step: string | null; after: number; limit: number };

/** Those who have left are found among all who were ever in it, a page of all at a time. */
export function peoplePage(sectionId: SectionId, flowId: z.output<typeof FlowIdSchema>, page: Page): Sql {
  if (page.state === 'inside') return insideSlice(sectionId, flowId, page);
  if (page.state === 'failed') return failedSlice(sectionId, flowId, page);
  return sql`
    select run.* from flow_run run
    where run.section_id = ${sectionId} and run.flow_id = ${flowId} and run.profile_id > ${page.after}
    order by run.profile_id
    limit ${page.limit}`;
}

async function peopleByKey(
  db: Db,
  keyspace: InKeyspace,
  slice: Sql,
  { state, step, limit }: Page,
): Promise<{ people: ClientPerson[]; next: ProfileId | null }> {
  const found = await rows<Omit<ClientPerson, 'key'> & { id: ProfileId; key: string | null; due_at: Date | null }>(
    db,
    sql`
      with page as materialized (select ${personColumns} from (${slice}) run)
      select page.*, ${oneKey(keyspace, sql`page.id`)} as key
      from page
      order by page.id`,
  );
  const isMeant = (one: { due_at: Date | null; step: string | null }) =>
    state !== 'left' || (one.due_at === null && (step === null || one.step === step));
  const people = found.flatMap(({ key, id: _id, ...one }) =>
    key === null || !isMeant(one) ? [] : [{ ...withoutDue(one), key: shownKey(keyspace, key) }],
  );
  return { people, next: found.length === limit ? found.at(-1)!.id : null };
}

const withoutDue = <One extends { due_at: Date | null }>({ due_at: _due, ...one }: One) => one;

/** The profile of a key in a flow, with all that happened to it there. Refuses with `not_found` if it was never in it. */
export const readPersonOfClient = query({
  name: 'clients.read-person-in-flow',
  scope: 'section',
  allow: 'readers',
  timeLimit: 'list',
  input: InFlow.extend({ keyspaceId: KeyspaceIdSchema, key: z.string().max(1_000) }),
  run: async ({ db, actor, accountId }, { sectionId, keyspaceId, flowId, key }) => {
    const profileKey = await openKey(db, actor, accountId, { sectionId, keyspaceId, key });
    const flow = await requireFlow(db, sectionId, flowId);
    await requireReadableFlow(db, clientOf(actor), { sectionId, flow, keyspaces: [profileKey] });
    const profileId = (await findProfile(db, profileKey)) ?? refuse('not_found', NO_PROFILE);
    const run = await findRun(db, sectionId, flow.id, profileId);
    if (!run) return refuse('not_found', 'This profile has never been in this flow.');
    return { ...run, key: profileKey.key };
  },
});
