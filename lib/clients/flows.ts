// Flows for API clients: who is sent into one or taken out of it, and what of it a client may read. Who is in a flow, and where, may tell who has a tag, so the
// client must be allowed to read the tags that its steps ask for and change; and to write those that they change, as sending somebody there changes them.
import { z } from 'zod';
import type { Actor, ClientActor } from '@/lib/access/actor';
import { command } from '@/lib/access/command';
import { InSection } from '@/lib/access/declared';
import { Refusal, refuse, type RefusalData } from '@/lib/access/refusal';
import { databaseTime } from '@/lib/db/clock';
import { FlowIdSchema, inAddress, KeyspaceIdSchema, type FlowId, type ProfileId, type SectionId } from '@/lib/db/ids';
import { maybeOne, rows, sql, type Db, type Tx } from '@/lib/db/sql';
import { SERVICE_MAIL } from '@/lib/config/limits';
import { ofFlow } from '@/lib/flows/address';
import { outsideOfRules } from '@/lib/flows/attention';
import { asJson, readGiven, type Given } from '@/lib/flows/given';
import { openFlow, usablePlans } from '@/lib/flows/open';
import { closedInWords } from '@/lib/flows/period';
import { changedTags, goalRules, referencesOf, rulesIn } from '@/lib/flows/references';
import {
  allSteps,
  dataOf,
  FIELDS_MAX,
  FlowDocumentSchema,
  FlowSettingsSchema,
  type FlowDocument,
} from '@/lib/flows/schema';
import { takeOut } from '@/lib/flows/take-out';
import { sendTo } from '@/lib/flows/who';
import { allowedTag, findTags } from '@/lib/profiles/allowed-operations';
import { isKept } from '@/lib/profiles/keys';
import {
  createMissing,
  findProfiles,
  NO_PROFILE,
  openKeyspace,
  reasonNotCreated,
  requireExisting,
  storedKey,
  usableKeyspaces,
  type InKeyspace,
} from '@/lib/profiles/keyspace';
import { openRules } from '@/lib/segments/definitions';
import type { Rules } from '@/lib/segments/schema';
import { forbidsReading, unreadable } from './messages';
import { requireReadable } from './segments';

export const NO_FLOW = 'There is no such flow in this section.';
export const FLOW_KEYS_MAX = 1_000;

const InFlowOfClient = InSection.extend({ keyspaceId: KeyspaceIdSchema, flowId: inAddress(FlowIdSchema) });
const key = z.string().max(1_000, 'A profile key has at most 320 characters.');
const keys = z
  .array(key)
  .min(1, 'Name at least one profile key.')
  .max(FLOW_KEYS_MAX, `At most ${FLOW_KEYS_MAX.toLocaleString('en-GB')} profile keys a call.`);

/** What a call gives along with somebody: as much as a message takes. */
export const FlowDataSchema = z
  .record(
    z.string(),
    z
      .union([
        z.string().max(SERVICE_MAIL.valueMax, `A value has at most ${SERVICE_MAIL.valueMax} characters.`),
        z.number(),
        z.boolean(),
      ])
      .nullable(),
  )
  .refine((data) => Object.keys(data).length <= FIELDS_MAX, `Give at most ${FIELDS_MAX} values.`);
type FlowData = z.output<typeof FlowDataSchema>;

const people = z
  .array(z.object({ key, data: FlowDataSchema.default({}) }))
  .min(1, 'Name at least one profile key.')
  .max(FLOW_KEYS_MAX, `At most ${FLOW_KEYS_MAX.toLocaleString('en-GB')} profile keys a call.`);

/** Of each key, in the order of the call: done, or why not. */
export type KeyOutcome = { ok: true } | { ok: false; refusal: RefusalData };

/** Sends the profile of a key into a live flow, which it enters by the flow’s own rules. `create`: makes the profile if there is none. */
export const enterFlowByKey = command({
  name: 'clients.enter-flow',
  scope: 'section',
  allow: 'everyone',
  input: InFlowOfClient.extend({ key, data: FlowDataSchema.default({}), create: z.boolean().default(false) }),
  run: async (context, { key: one, data, ...input }) => {
    const { outcomes } = await enter(context, { ...input, people: [{ key: one, data }] });
    outcomes.forEach(requireDone);
    return {};
  },
  // The history of the person in the flow is the record.
  audit: () => null,
});

/** The same for many: `{ outcomes }`. A key that is refused leaves the others alone. The first of the same person counts. */
export const enterFlowByKeys = command({
  name: 'clients.enter-flow-many',
  scope: 'section',
  allow: 'everyone',
  input: InFlowOfClient.extend({ people, create: z.boolean().default(false) }),
  run: enter,
  audit: (_input, { flowId, name, people }) =>
    people === 0 ? null : { summary: `Sent ${counted(people)} to the flow “${name}”`, subject: ofFlow(flowId) },
});

/** Takes the profile of a key out of a flow, wherever it is in it. Not telling whether it was in it: that may tell who has a tag. */
export const takeOutOfFlowByKey = command({
  name: 'clients.take-out-of-flow',
  scope: 'section',
  allow: 'everyone',
  input: InFlowOfClient.extend({ key }),
  run: async (context, { key: one, ...input }) => {
    const { outcomes, ...done } = await takeOutByKeys(context, { ...input, keys: [one] });
    outcomes.forEach(requireDone);
    return done;
  },
  audit: (_input, done) => takenOut(done),
});

/** The same for many: `{ outcomes }`. */
export const takeOutOfFlowByKeys = command({
  name: 'clients.take-out-of-flow-many',
  scope: 'section',
  allow: 'everyone',
  input: InFlowOfClient.extend({ keys }),
  run: takeOutByKeys,
  audit: (_input, done) => takenOut(done),
});

type Context = { tx: Tx; actor: Actor; accountId: ClientActor['accountId'] };
type ByKeys = z.output<typeof InFlowOfClient> & { keys: readonly string[] };
type Entering = z.output<typeof InFlowOfClient> & {
  people: readonly { key: string; data: FlowData }[];
  create: boolean;
};
type Done = { flowId: FlowId; name: string; people: number };

const counted = (people: number) => `${people.toLocaleString('en-GB')} ${people === 1 ? 'profile' : 'profiles'}`;

const takenOut = ({ flowId, name, people }: Done) =>
  people === 0 ? null : { summary: `Took ${counted(people)} out of the flow “${name}”`, subject: ofFlow(flowId) };

function requireDone(outcome: KeyOutcome): void {
  if (!outcome.ok) throw new Refusal(outcome.refusal);
}

async function enter(
  { tx, actor, accountId }: Context,
  { people, create, flowId: named, ...where }: Entering,
): Promise<Done & { outcomes: KeyOutcome[] }> {
  const { sectionId } = where;
  const profileKey = await openKeyspace(tx, actor, accountId, where);
  const { id: flowId, name } = await requireFlow(tx, sectionId, named);
  const document = await requireGoing(tx, sectionId, flowId);
  await requireWritable(tx, profileKey, [document, ...(await ledInto(tx, sectionId, document))]);
  const keysOf = people.map((person) => person.key);
  const { stored, known } = await resolve(tx, profileKey, keysOf);
  const along = people.map(({ data }) => refusable(() => ({ given: readGiven(dataOf(document), data) })));
  const fitting = stored.flatMap((one, at) => ('key' in one && 'given' in along[at]! ? [one.key] : []));
  const wanted = fitting.filter((one) => !known.has(one));
  const made =
    create && isKept(profileKey.keyspace.kind)
      ? await createMissing(tx, actor, profileKey, [...new Set(wanted)])
      : new Map<string, { id: ProfileId }>();
  const entering = new Map<ProfileId, Given | null>();
  const outcomes = stored.map((one, at): KeyOutcome => {
    const data = along[at]!;
    if (!('key' in one)) return { ok: false, refusal: one };
    if (!('given' in data)) return { ok: false, refusal: data };
    const id = known.get(one.key) ?? made.get(one.key)?.id;
    if (id !== undefined) {
      if (!entering.has(id)) entering.set(id, data.given);
      return { ok: true };
    }
    if (create) return { ok: false, refusal: reasonNotCreated(profileKey.keyspace) };
    return { ok: false, refusal: { code: 'not_found', message: `${NO_PROFILE} Send “create”: true to make it.` } };
  });
  if (entering.size > 0) {
    const given = [...entering.values()].map(asJson);
    const sent = sql`
      select sent.profile_id, sent.given
      from unnest(${[...entering.keys()]}::bigint[], ${given}::jsonb[]) sent (profile_id, given)`;
    await sendTo(tx, { sectionId, flowId }, sent, await databaseTime(tx), { given: true });
  }
  return { flowId, name, people: entering.size, outcomes };
}

async function takeOutByKeys(
  { tx, actor, accountId }: Context,
  { keys: named, flowId: given, ...where }: ByKeys,
): Promise<Done & { outcomes: KeyOutcome[] }> {
  const { sectionId } = where;
  const profileKey = await openKeyspace(tx, actor, accountId, where);
  const { id: flowId, name } = await requireFlow(tx, sectionId, given);
  const { stored, known } = await resolve(tx, profileKey, named);
  const outcomes = stored.map((one): KeyOutcome => {
    if (!('key' in one)) return { ok: false, refusal: one };
    return known.has(one.key) ? { ok: true } : { ok: false, refusal: { code: 'not_found', message: NO_PROFILE } };
  });
  const people = await takeOut(tx, { sectionId, flowId }, [...new Set(known.values())]);
  return { flowId, name, people, outcomes };
}

/** The keys as they are stored, or why they are none, in their order; and the profiles of those that are known. */
async function resolve(tx: Tx, profileKey: InKeyspace, named: readonly string[]) {
  const stored = named.map((one) => refusable(() => ({ key: storedKey(profileKey, one) })));
  const known = await findProfiles(tx, profileKey, [
    ...new Set(stored.flatMap((one) => ('key' in one ? [one.key] : []))),
  ]);
  await requireExisting(tx, profileKey.sectionId, [...known.values()]);
  return { stored, known };
}

/** What comes of it, or why it is refused. */
function refusable<Value>(make: () => Value): Value | RefusalData {
  try {
    return make();
  } catch (error) {
    if (error instanceof Refusal) return error.toData();
    throw error;
  }
}

/** A flow that was not deleted. */
export async function requireFlow(
  db: Db,
  sectionId: SectionId,
  flowId: FlowId | null,
): Promise<{ id: FlowId; name: string }> {
  const found = await maybeOne<{ id: FlowId; name: string }>(
    db,
    sql`select id, name from flow where section_id = ${sectionId} and id = ${flowId} and deleted_at is null`,
  );
  return found ?? refuse('not_found', NO_FLOW);
}

/** What people come into. Refuses a flow that lets nobody in now. Read afresh for each call, so that a client learns of it at once. */
async function requireGoing(tx: Tx, sectionId: SectionId, flowId: FlowId): Promise<FlowDocument> {
  const flow = await openFlow(tx, sectionId, flowId);
  if (flow?.state !== 'live' || flow.version === null) {
    return refuse('conflict', `This flow lets nobody in: it is ${flow?.state ?? 'not there'}.`);
  }
  const closed = closedInWords(flow.settings, flow.timeZone, await databaseTime(tx));
  if (closed !== null) return refuse('conflict', closed);
  const plan = (await usablePlans(tx, flow, [flow.version])).get(flow.version);
  return (
    plan?.document ?? refuse('conflict', 'This flow needs attention, and lets nobody in until someone has fixed it.')
  );
}

/** Refuses unless the tags that the steps change may be written through the keyspace. */
async function requireWritable(tx: Tx, profileKey: InKeyspace, documents: readonly FlowDocument[]): Promise<void> {
  const ids = documents.flatMap(({ steps }) => allSteps(steps)).flatMap(changedTags);
  if (ids.length === 0) return;
  const tags = await findTags(tx, profileKey, [...new Set(ids)].map(String));
  for (const id of ids) allowedTag(tags, profileKey, String(id), 'write');
}

/**
 * What people come into by the steps of a flow, and by those of the flows there. Not what its tags start: the client may write these tags, and so start the
 * same.
 */
async function ledInto(tx: Tx, sectionId: SectionId, document: FlowDocument): Promise<FlowDocument[]> {
  const documents: FlowDocument[] = [];
  const seen = new Set<FlowId>();
  for (let from = [document]; from.length > 0;) {
    const ids = from
      .flatMap(({ steps }) => allSteps(steps))
      .flatMap((step) =>
        step.kind === 'enter' && step.flowId !== null && !seen.has(step.flowId) ? [step.flowId] : [],
      );
    for (const id of ids) seen.add(id);
    const found = await rows<{ document: unknown }>(
      tx,
      sql`
        select version.document from flow
        join flow_version version
          on version.section_id = ${sectionId} and version.flow_id = flow.id and version.version = flow.version
        where flow.section_id = ${sectionId} and flow.id = any(${[...new Set(ids)]}::int[])
          and flow.state in ('live', 'paused')`,
    );
    from = found.map((one) => FlowDocumentSchema.parse(one.document));
    documents.push(...from);
  }
  return documents;
}

/**
 * Refuses if a flow uses something that the client may not read: a tag, through each of the keyspaces, or keys of another keyspace. All its versions count,
 * and those of flows that lead into it. `keyspaces`: none given: through all that the client may use.
 */
export async function requireReadableFlow(
  db: Db,
  client: ClientActor,
  {
    sectionId,
    flow,
    keyspaces,
  }: { sectionId: SectionId; flow: { id: FlowId; name: string }; keyspaces?: readonly InKeyspace[] },
): Promise<void> {
  if (client.keyspaces === 'all' && !(await forbidsReading(db, sectionId))) return;
  const used = await usedByFlows(db, sectionId, flow.id);
  const items = used.flatMap(({ document, settings }) => [
    ...outsideOfRules({ document, settings }),
    ...[...rulesIn(document), goalRules(settings)].flatMap((rules) => (rules ? [rules.root] : [])),
    ...referencesOf(document, settings).segmentIds.map((segmentId) => ({
      ...{ kind: 'segment' as const, segmentId, test: 'in' as const },
    })),
  ]);
  if (items.length === 0) return;
  const rules: Rules = { timeZone: 'Etc/UTC', root: { kind: 'group', match: 'any', items } };
  const definitions = await openRules(db, sectionId, rules).catch(unreadable);
  const named = { thing: 'flow' as const, name: flow.name, discriminator: String(flow.id), rules, definitions };
  const through = keyspaces ?? (await usableKeyspaces(db, client)).map((keyspace) => ({ sectionId, keyspace }));
  for (const keyspace of through) await requireReadable(db, client, keyspace, [named]);
}

async function usedByFlows(db: Db, sectionId: SectionId, flowId: FlowId) {
  const used: { document: FlowDocument; settings: z.output<typeof FlowSettingsSchema> }[] = [];
  const seen = new Set<FlowId>();
  for (let ask = [flowId]; ask.length > 0;) {
    for (const id of ask) seen.add(id);
    const found = await rows<{ document: unknown; settings: unknown }>(
      db,
      sql`
        select version.document, flow.settings
        from flow
        join flow_version version on version.section_id = ${sectionId} and version.flow_id = flow.id
        where flow.section_id = ${sectionId} and flow.id = any(${ask}::int[])`,
    );
    used.push(
      ...found.map(({ document, settings }) => ({
        document: FlowDocumentSchema.parse(document),
        settings: FlowSettingsSchema.parse(settings),
      })),
    );
    const leading = await rows<{ id: FlowId }>(
      db,
      sql`
        select distinct version.flow_id as id
        from flow_version version
        cross join lateral jsonb_path_query(version.document, '$.steps.** ? (@.kind == "enter").flowId') entered (id)
        where version.section_id = ${sectionId} and entered.id = any(${ask.map((id) => JSON.stringify(id))}::jsonb[])`,
    );
    ask = leading.flatMap(({ id }) => (seen.has(id) ? [] : [id]));
  }
  return used;
}
