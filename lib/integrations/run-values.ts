// Which values of profiles a dry run would change: by attribute, how many people get, change or lose one.
import type { SectionId, SyncRunId } from '@/lib/db/ids';
import { rows, sql, type Db } from '@/lib/db/sql';
import { LACKS_VALUES } from './apply';
import { LAST_MATCHED, OUTCOMES } from './outcome';

/** An attribute. `filled`, `replaced`, `cleared`: people found here. Profiles that the run creates are not counted. */
export type ValueCounts = { code: string; name: string; filled: number; replaced: number; cleared: number };

/** The values that a dry run would change in profiles which exist, by the attribute's name. Reads all contacts of the run. */
export function valuesOfRun(db: Db, sectionId: SectionId, runId: SyncRunId): Promise<ValueCounts[]> {
  return rows<ValueCounts>(
    db,
    sql`
      with member as (
        -- The same contact of a person as when the run is applied.
        select distinct on (member.profile_id) member.profile_id, member.attributes, member.fills
        from sync_member member
        where member.section_id = ${sectionId} and member.run_id = ${runId}
          and member.outcome between ${OUTCOMES.linked} and ${LAST_MATCHED} and member.profile_id is not null
          and (member.attributes <> '{}' or member.fills <> '{}')
        order by member.profile_id, member.key
      )
      select attribute.code, attribute.name, count(*) filter (where value.change = 'fill') as filled,
        count(*) filter (where value.change = 'replace') as replaced,
        count(*) filter (where value.change = 'clear') as cleared
      from member
      join profile on profile.section_id = ${sectionId} and profile.id = member.profile_id
      cross join lateral (
        select key as code,
          case
            when value = 'null' then 'clear'
            when coalesce(profile.attributes ->> key, '') = '' then 'fill'
            else 'replace'
          end as change
        from jsonb_each(member.attributes)
        where case when value = 'null' then profile.attributes ? key else profile.attributes -> key is distinct from value end
        union all
        select key, 'fill' from jsonb_each(member.fills) where coalesce(profile.attributes ->> key, '') = ''
      ) value
      join attribute on attribute.section_id = ${sectionId} and attribute.code = value.code
      where ${LACKS_VALUES}
      group by attribute.code, attribute.name
      order by lower(attribute.name), attribute.code`,
  );
}
