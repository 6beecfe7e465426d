// A flow as the engine opens it for a batch: its settings, the versions that people are in, and whether they can be used now.
import type { FlowId, SectionId } from '@/lib/db/ids';
import { maybeOne, one, rows, sql, type Db, type Tx } from '@/lib/db/sql';
import { lostInFlows } from './attention';
import { Plan } from './plan';
import { referencesOf } from './references';
import { FlowDocumentSchema, FlowSettingsSchema, type FlowSettings, type FlowState } from './schema';

export type OpenFlow = {
  sectionId: SectionId;
  flowId: FlowId;
  name: string;
  state: FlowState;
  settings: FlowSettings;
  version: number | null;
  /** Of people without a zone of their own. */
  timeZone: string;
};

/** A flow, also one that was deleted; undefined: there is none. */
export async function openFlow(db: Db, sectionId: SectionId, flowId: FlowId): Promise<OpenFlow | undefined> {
  const found = await maybeOne<
    Pick<OpenFlow, 'name' | 'state' | 'version'> & { settings: unknown; sectionZone: string }
  >(
    db,
    sql`
      select flow.name, flow.state, flow.version, flow.settings, coalesce(section.time_zone, 'UTC') as "sectionZone"
      from flow
      join section on section.id = ${sectionId}
      where flow.section_id = ${sectionId} and flow.id = ${flowId}`,
  );
  if (!found) return undefined;
  const { settings: stored, sectionZone, ...flow } = found;
  const settings = FlowSettingsSchema.parse(stored);
  return { sectionId, flowId, ...flow, settings, timeZone: settings.timeZone ?? sectionZone };
}

/** Versions do not change, but that merges of tags move what they name: what this process has read stays right till then. The oldest are forgotten. */
const plans = new Map<string, Plan>();
const PLANS_MAX = 500;

export async function planOf(db: Db, sectionId: SectionId, flowId: FlowId, version: number): Promise<Plan> {
  const of = sql`section_id = ${sectionId} and flow_id = ${flowId} and version = ${version}`;
  const { moved } = await one<{ moved: number }>(db, sql`select moved from flow_version where ${of}`);
  const key = `${sectionId} ${flowId} ${version} ${moved}`;
  const known = plans.get(key);
  if (known) return known;
  const { document } = await one<{ document: unknown }>(db, sql`select document from flow_version where ${of}`);
  const plan = new Plan(FlowDocumentSchema.parse(document));
  plans.set(key, plan);
  const [oldest] = plans.keys();
  if (plans.size > PLANS_MAX) plans.delete(oldest!);
  return plan;
}

/** The versions that somebody is in. */
export async function occupiedVersions(db: Db, { sectionId, flowId }: OpenFlow): Promise<number[]> {
  const found = await rows<{ version: number }>(
    db,
    sql`
      select version.version from flow_version version
      where version.section_id = ${sectionId} and version.flow_id = ${flowId} and exists (
        select from flow_run run
        where run.section_id = ${sectionId} and run.flow_id = ${flowId} and run.version = version.version
          and run.due_at is not null
      )`,
  );
  return found.map(({ version }) => version);
}

/**
 * Those of the versions that have lost nothing, with their plans. What they refer to stays as it is until the transaction ends: whoever hides a tag
 * waits for the batch, or the batch sees that it is hidden.
 */
export async function usablePlans(tx: Tx, flow: OpenFlow, versions: readonly number[]): Promise<Map<number, Plan>> {
  const { sectionId, flowId, settings } = flow;
  const all: [number, Plan][] = [];
  for (const version of versions) all.push([version, await planOf(tx, sectionId, flowId, version)]);
  const documents = all.map(([, { document }]) => document);
  await hold(
    tx,
    sectionId,
    documents.map((document) => referencesOf(document, settings)),
  );
  const lost = await lostInFlows(
    tx,
    sectionId,
    documents.map((document) => ({ document, settings })),
  );
  return new Map(all.filter((_, index) => lost[index]!.length === 0));
}

async function hold(
  tx: Tx,
  sectionId: SectionId,
  references: readonly ReturnType<typeof referencesOf>[],
): Promise<void> {
  const tagIds = references.flatMap((each) => each.tagIds);
  const attributeIds = references.flatMap((each) => each.attributeIds);
  if (tagIds.length > 0) {
    await rows(
      tx,
      sql`select from tag where section_id = ${sectionId} and id = any(${tagIds}::int[]) order by id for key share`,
    );
  }
  if (attributeIds.length > 0) {
    await rows(
      tx,
      sql`
        select from attribute where section_id = ${sectionId} and id = any(${attributeIds}::int[])
        order by id for key share`,
    );
  }
}
