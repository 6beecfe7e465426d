// The inputs of a statement about a segment: the section, the moment, and what the rules refer to.
import type { AttributeId, EventTypeId, EventVersionId, ProfileId, SectionId, SegmentId } from '@/lib/db/ids';
import type { AttributeType } from '@/lib/attributes/schema';
import { join, sql, type Sql } from '@/lib/db/sql';
import type { BuiltIn } from '@/lib/events/built-in';
import { addDays } from '@/lib/attributes/days';
import { ago } from './moments';
import type { Period, Rules } from './schema';

/** What the rules refer to, as it is in the database. Made by definitions.ts, which refuses what is hidden or missing. */
export type Definitions = {
  attributes: ReadonlyMap<AttributeId, { code: string }>;
  events: ReadonlyMap<
    EventTypeId,
    { builtIn: BuiltIn | null; versions: EventVersionId[]; fields: ReadonlyMap<string, { type: AttributeType }> }
  >;
  segments: ReadonlyMap<SegmentId, { name: string; rules: Rules }>;
  /** Profiles that include all without a tag, if rules ask for that and they are known: see `untaggedCandidates`. */
  untaggedAmong?: readonly ProfileId[];
};

export type Evaluation = {
  sectionId: SectionId;
  definitions: Definitions;
  /** The moment from which 'the last 7 days' is counted back. */
  now: Date;
  /**
   * Evaluates tags and events as they were at `now`, from the ledger; attributes and keys are the current ones. Profiles created
   * later are left out.
   */
  past?: boolean;
  /** Asks about a single profile. `formerly`: ids of profiles that were merged into it. */
  only?: { id: ProfileId; formerly: readonly ProfileId[] };
};

/** An evaluation of rules in their time zone: a nested segment has its own. */
export type RulesEvaluation = Evaluation & { timeZone: string };

/** Conditions on `profile`: the profiles that the evaluation considers. */
export function everyone({ sectionId, past, now, only }: Evaluation): Sql {
  return join(
    [
      sql`profile.section_id = ${sectionId}`,
      ...(only ? [sql`profile.id = ${only.id}`] : []),
      ...(past ? [sql`profile.created_at <= ${now}`] : []),
    ],
    ' and ',
  );
}

/** `and…`: limits rows to the single profile, if the evaluation has one. */
export const onlyOf = ({ only }: Evaluation, column: Sql): Sql => (only ? sql`and ${column} = ${only.id}` : sql``);

/** `and…` for a moment within a period. */
export function during({ now, past, timeZone }: RulesEvaluation, column: Sql, period: Period): Sql {
  const startOf = (day: string) => sql`(${day}::date::timestamp at time zone ${timeZone}::text)`;
  const bounds = past ? [sql`${column} <= ${now}`] : [];
  switch (period.kind) {
    case 'ever':
      break;
    case 'last':
      bounds.push(sql`${column} > ${ago(now, period.count, period.unit)}`, sql`${column} <= ${now}`);
      break;
    case 'before_last':
      bounds.push(sql`${column} <= ${ago(now, period.count, period.unit)}`);
      break;
    case 'between':
      if (period.from !== null) bounds.push(sql`${column} >= ${startOf(period.from)}`);
      if (period.to !== null) bounds.push(sql`${column} < ${startOf(addDays(period.to, 1))}`);
      break;
  }
  return bounds.length > 0 ? sql`and ${join(bounds, ' and ')}` : sql``;
}
