// Who of an audience gets which variant, as SQL: drawn once, when the audience is frozen.
import { sql, type Sql } from '@/lib/db/sql';
import type { OpenSend } from './progress';

/**
 * `getting` with columns `state`, `variant` and `in_test`. In an A/B test everybody has a place in an order that is random, but the same for each
 * try of the same send. The first ones are the test part, and take turns in getting A, B and C; the others are held until it is decided.
 */
export function placed(getting: Sql, { id, ab }: Pick<OpenSend, 'id' | 'ab'>): Sql {
  if (!ab) return sql`select getting.*, 'waiting' as state, 0 as variant, false as in_test from (${getting}) getting`;
  const { share, variants } = ab;
  return sql`
    select drawn.*, case when drawn.in_test then 'waiting' else 'held' end as state,
      case when drawn.in_test then drawn.place % ${variants}::int else 0 end as variant
    from (
      select ordered.*,
        ordered.place < greatest(ceil(ordered.people * ${share}::numeric / 100), ${variants}::int) as in_test
      from (
        select getting.*, count(*) over () as people,
          row_number() over (order by hashint8extended(getting.profile_id, ${id}::bigint), getting.profile_id) - 1 as place
        from (${getting}) getting
      ) ordered
    ) drawn`;
}
