// Steps that change a value of people, or send them to another flow.
import { listAttributes } from '@/lib/attributes/queries';
import { parseJsonValue } from '@/lib/attributes/values';
import { execute, rows, sql } from '@/lib/db/sql';
import { changeProfiles } from '@/lib/profiles/change';
import { appendSignals } from '@/lib/signals/append';
import { TOPICS } from '@/lib/signals/schema';
import { idsOf, PASSED, type Doing } from '../run';
import type { Leaf } from '../schema';
import { byCause } from './simple';

/** Sets a value through the door for profile data: the same value is no change, and starts nothing. */
export const attribute: Doing<Extract<Leaf, { kind: 'attribute' }>> = async ({ tx, sectionId }, step, runs) => {
  const known = (await listAttributes(tx, sectionId)).find(({ id }) => id === step.attributeId);
  if (!known || step.value === null) throw new Error('The attribute of this step cannot be set.');
  const parsed = parseJsonValue(known, step.value);
  if (!parsed.ok) throw new Error(parsed.reason);
  await rows(
    tx,
    sql`
      select from profile where section_id = ${sectionId} and id = any(${idsOf(runs)}::bigint[])
      order by id for no key update`,
  );
  const attributes = JSON.stringify({ [known.code]: parsed.value });
  for (const { group, ...led } of byCause(runs)) {
    await changeProfiles(
      tx,
      { sectionId, source: 'flow', userId: null, ...led },
      { values: sql`select unnest(${idsOf(group)}::bigint[]) as profile_id, ${attributes}::jsonb as attributes` },
    );
  }
  return runs.map(() => PASSED);
};

/** Sends people to another flow, which lets them in by its own rules. If it is not live, nobody hears of it. */
export const enter: Doing<Extract<Leaf, { kind: 'enter' }>> = async ({ tx, sectionId, now }, step, runs) => {
  for (const { group, ...led } of byCause(runs)) {
    const happened = sql`
      select ${TOPICS.sent_to_flow}::smallint as topic, ${step.flowId}::int as subject_id,
        unnest(${idsOf(group)}::bigint[]) as profile_id`;
    await execute(tx, appendSignals({ sectionId, ...led }, happened, sql`${now}::timestamptz`));
  }
  return runs.map(() => PASSED);
};
