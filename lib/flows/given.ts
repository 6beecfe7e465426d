// What a call gives along with somebody who enters a flow. It is checked against what the flow says that it takes, is kept with their stay, can be asked
// for on the way, stands in messages and calls, and goes with them when they are erased.
import { refuse } from '@/lib/access/refusal';
import { comparison } from '@/lib/attributes/comparison-sql';
import type { AttributeValue } from '@/lib/attributes/schema';
import { parseJsonValue } from '@/lib/attributes/values';
import type { ProfileId } from '@/lib/db/ids';
import { join, rows, sql, type Sql } from '@/lib/db/sql';
import { dayOf } from '@/lib/segments/field-comparison';
import { idsOf, type Run, type Scene } from './run';
import type { DataField, FieldConditions } from './schema';

/** By the name of the value. */
export type Given = Record<string, AttributeValue>;

/** As a parameter of a statement. */
export const asJson = (given: unknown): string | null => (given === null ? null : JSON.stringify(given));

/** What a call gave, by the types of the flow. Refuses values that the flow does not take, and wrong ones. Null and empty ones are not given. */
export function readGiven(
  fields: readonly DataField[],
  data: Readonly<Record<string, AttributeValue | null>>,
): Given | null {
  const given: Given = {};
  for (const [name, value] of Object.entries(data)) {
    const type = fields.find((field) => field.name === name)?.type;
    if (type === undefined) {
      const takes =
        fields.length === 0 ? 'It takes none.' : `It takes: ${fields.map((field) => field.name).join(', ')}.`;
      return refuse('invalid', `This flow takes no value “${name}”. ${takes}`, { field: `data.${name}` });
    }
    if (value === null || (typeof value === 'string' && value.trim() === '')) continue;
    const parsed = parseJsonValue({ name, type, choices: [] }, value);
    if (!parsed.ok) return refuse('invalid', `${parsed.reason}.`, { field: `data.${name}` });
    given[name] = parsed.value;
  }
  return Object.keys(given).length === 0 ? null : given;
}

/** A condition about `given`, the column of somebody's stay. */
export const givenFits = (here: Pick<Scene, 'timeZone' | 'now'>, conditions: FieldConditions, given: Sql): Sql =>
  join(
    conditions.map(({ code, compare }) => comparison(here, sql`coalesce(${given}, '{}')`, code, compare, dayOf)),
    ' and ',
  );

/** What was given along with people who are locked; those without are absent. */
export async function givenOf(
  { tx, sectionId, flowId, takesData }: Scene,
  runs: readonly Run[],
): Promise<Map<ProfileId, Given>> {
  if (!takesData || runs.length === 0) return new Map();
  const found = await rows<{ profileId: ProfileId; given: Given }>(
    tx,
    sql`
      select profile_id as "profileId", given from flow_run
      where section_id = ${sectionId} and flow_id = ${flowId} and given is not null
        and profile_id = any(${idsOf(runs)}::bigint[])`,
  );
  return new Map(found.map(({ profileId, given }) => [profileId, given]));
}
