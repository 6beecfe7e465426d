// Puts the numbers of flows right that do not fit the people who are in them, and says so: they are counted with what happens, so that is an error.
import type { FlowId, SectionId } from '@/lib/db/ids';
import { transaction } from '@/lib/db/pool';
import { allSections } from '@/lib/db/sections';
import { execute, rows, sql, type Tx } from '@/lib/db/sql';

/** `step`: '' for the version as a whole. */
export type Drift = {
  sectionId: SectionId;
  flowId: FlowId;
  version: number;
  step: string;
  counted: number;
  there: number;
};

/** Corrects what has drifted, in slot 0. `say`: an error for the log. */
export async function recountFlows(say: (words: string) => void): Promise<void> {
  for (const id of await allSections()) {
    for (const { flowId, version, step, counted, there } of await transaction((tx) => recountSection(tx, id))) {
      const where = step === '' ? `version ${version}` : `version ${version}, step ${step}`;
      say(`Flow ${flowId} of section ${id}, ${where}: ${counted} were counted, ${there} are there. It is corrected.`);
    }
  }
}

/** Found in one statement, which sees numbers and people as they were at one moment. */
async function recountSection(tx: Tx, sectionId: SectionId): Promise<Drift[]> {
  await execute(tx, sql`select pg_advisory_xact_lock(hashtext('tagwell: recount flows'))`);
  const drifted = await rows<Drift>(
    tx,
    sql`
      select ${sectionId}::int as "sectionId", flow_id as "flowId", version, step, coalesce(counted.people, 0)::bigint as counted,
        coalesce(there.people, 0)::bigint as there
      from (
        select flow_id, version, step,
          sum(case when what in ('arrived', 'entered', 'moved:in') then number else -number end) as people
        from flow_count
        where section_id = ${sectionId} and (
          step <> '' and what in ('arrived', 'passed', 'skipped', 'timed_out', 'failed', 'left')
          or step = '' and (what in ('entered', 'moved:in', 'moved:out') or what like 'left:%')
        )
        group by flow_id, version, step
      ) counted
      full join (
        select flow_id, version, coalesce(step, '') as step, count(*) as people from flow_run
        where section_id = ${sectionId} and due_at is not null
        group by grouping sets ((flow_id, version, step), (flow_id, version))
      ) there using (flow_id, version, step)
      where coalesce(counted.people, 0) <> coalesce(there.people, 0)
      order by flow_id, version, step`,
  );
  if (drifted.length === 0) return [];
  await execute(
    tx,
    sql`
      insert into flow_count as counter (section_id, flow_id, version, step, what, slot, number)
      select ${sectionId}::int, missing.flow_id, missing.version, missing.step,
        case missing.step when '' then 'entered' else 'arrived' end, 0, missing.number
      from unnest(
        ${drifted.map(({ flowId }) => flowId)}::int[], ${drifted.map(({ version }) => version)}::int[],
        ${drifted.map(({ step }) => step)}::text[], ${drifted.map(({ counted, there }) => there - counted)}::bigint[]
      ) missing (flow_id, version, step, number)
      on conflict (section_id, flow_id, version, step, what, slot) do update set number = counter.number + excluded.number`,
  );
  return drifted;
}
