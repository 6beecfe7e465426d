// A flow as a command finds it: locked until its transaction ends. Not its key, which the engine’s rows refer to: a batch that writes the first number of a
// step does not wait for those who wait for the people of the batch.
import { refuse } from '@/lib/access/refusal';
import type { FlowId, SectionId } from '@/lib/db/ids';
import { execute, maybeOne, rows, sql, type Tx } from '@/lib/db/sql';
import { FlowDocumentSchema, FlowSettingsSchema, type FlowDocument, type FlowSettings, type FlowState } from './schema';

export type LockedFlow = {
  name: string;
  document: FlowDocument;
  settings: FlowSettings;
  revision: number;
  version: number | null;
  state: FlowState;
  changedBy: string | null;
};

type Stored = Omit<LockedFlow, 'document' | 'settings'> & { document: unknown; settings: unknown };

const opened = ({ document, settings, ...flow }: Stored): LockedFlow => ({
  ...flow,
  document: FlowDocumentSchema.parse(document),
  settings: FlowSettingsSchema.parse(settings),
});

/** Refuses with `not_found`. */
export async function lockFlow(tx: Tx, sectionId: SectionId, flowId: FlowId): Promise<LockedFlow> {
  const found = await find(tx, sectionId, flowId, false);
  return found
    ? opened(found)
    : refuse('not_found', 'This flow does not exist in this section: it may have been deleted.');
}

/** A flow that was deleted. Refuses with `conflict`. */
export async function lockDeleted(tx: Tx, sectionId: SectionId, flowId: FlowId): Promise<LockedFlow> {
  const found = await find(tx, sectionId, flowId, true);
  return found ? opened(found) : refuse('conflict', 'This flow is there already.');
}

const find = (tx: Tx, sectionId: SectionId, flowId: FlowId, deleted: boolean) =>
  maybeOne<Stored>(
    tx,
    sql`
      select flow.name, flow.document, flow.settings, flow.revision, flow.version, flow.state,
        app_user.name as "changedBy"
      from flow left join app_user on app_user.id = flow.changed_by
      where flow.section_id = ${sectionId} and flow.id = ${flowId} and (flow.deleted_at is not null) = ${deleted}
      for no key update of flow`,
  );

/** Refuses with `conflict` if somebody has changed the flow since that revision. */
export function requireRevision({ revision, changedBy }: LockedFlow, seen: number): void {
  if (revision === seen) return;
  refuse('conflict', `${changedBy ?? 'Someone'} has changed this flow since you opened it. Reload the page.`);
}

/** The version into which people come, and those in which somebody still is, or has failed and may be tried again. */
export async function versionsWithPeople(
  tx: Tx,
  sectionId: SectionId,
  flowId: FlowId,
): Promise<{ version: number; document: FlowDocument }[]> {
  const found = await rows<{ version: number; document: unknown }>(
    tx,
    sql`
      select version.version, version.document
      from flow_version version
      join flow on flow.section_id = ${sectionId} and flow.id = version.flow_id
      where version.section_id = ${sectionId} and version.flow_id = ${flowId} and (
        version.version = flow.version
        or exists (
          select from flow_run run
          where run.section_id = ${sectionId} and run.flow_id = ${flowId} and run.version = version.version
            and run.due_at is not null
        )
        or exists (
          select from flow_run run
          where run.section_id = ${sectionId} and run.flow_id = ${flowId} and run.version = version.version
            and run.outcome = 'failed'
        )
      )
      order by version.version`,
  );
  return found.map((each) => ({ ...each, document: FlowDocumentSchema.parse(each.document) }));
}

const ENTRIES = 'tagwell: entries of flows';

/** Which version people come into stays as it is, and whether the flow lets them in, until the transaction ends: for any number of batches at once. */
export async function holdDoorOpen(tx: Tx, flowId: FlowId): Promise<void> {
  await execute(tx, sql`select pg_advisory_xact_lock_shared(hashtext(${ENTRIES}), ${flowId})`);
}

/**
 * Waits until nobody is on their way in: whoever came in is seen afterwards, and nobody comes in by what is changed now. Taken before anything else is locked,
 * as batches wait for rows of people.
 */
export async function holdDoorShut(tx: Tx, flowId: FlowId): Promise<void> {
  await execute(tx, sql`select pg_advisory_xact_lock(hashtext(${ENTRIES}), ${flowId})`);
}
