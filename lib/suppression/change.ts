// The door for the suppression list: puts addresses on it, in sets, and lifts them. One entry of an address and channel is
// active; lifted ones stay as they were.
import { asParameter } from '@/lib/db/as-parameter';
import type { ApiKeyId, SectionId, UserId } from '@/lib/db/ids';
import { execute, one, sql, type Sql, type Tx } from '@/lib/db/sql';
import { REASONS } from './schema';

/** Who does it: a person, an API client, or nobody of these. */
export type SuppressionCause = { sectionId: SectionId; userId: UserId | null; apiKeyId?: ApiKeyId | null };

/** How much a reason weighs; the heavier one stays. */
const weight = (reason: Sql): Sql => sql`array_position(${REASONS}::text[], ${reason})`;

/**
 * Suppresses addresses. `wanted` selects `channel text, address_key text, reason text, evidence text`, with each address
 * as `normaliseKey` spells it. Of several reasons for an address the heaviest stays; an address that is there for a
 * heavier or the same reason is left as it is. Returns how many were added, and how many got a heavier reason.
 */
export async function suppress(
  tx: Tx,
  { sectionId, userId, apiKeyId = null }: SuppressionCause,
  wanted: Sql,
): Promise<{ added: number; changed: number }> {
  const given = await asParameter(tx, wanted, sql`channel text, address_key text, reason text, evidence text`);
  const at = sql`${new Date()}::timestamptz`;
  return one(
    tx,
    sql`
      with wanted as materialized (
        select heaviest.*, known.id is null as is_new
        from (
          select distinct on (channel, address_key) channel, address_key, reason, evidence
          from (${given}) given
          order by channel, address_key, ${weight(sql`reason`)}
        ) heaviest
        left join suppression known
          on known.section_id = ${sectionId} and known.channel = heaviest.channel
          and known.address_key = heaviest.address_key collate "C" and known.lifted_at is null
      ),
      written as (
        insert into suppression as entry (section_id, channel, address_key, reason, evidence, at, user_id, api_key_id)
        select ${sectionId}::int, channel, address_key, reason, evidence, ${at}, ${userId}::int, ${apiKeyId}::int
        from wanted
        order by channel, address_key
        on conflict (section_id, channel, address_key) where lifted_at is null do update
        set reason = excluded.reason, evidence = excluded.evidence, at = excluded.at, user_id = excluded.user_id,
          api_key_id = excluded.api_key_id
        where ${weight(sql`excluded.reason`)} < ${weight(sql`entry.reason`)}
        returning channel, address_key
      )
      select count(*) filter (where is_new) as added, count(*) filter (where not is_new) as changed
      from written
      join wanted using (channel, address_key)`,
  );
}

/**
 * Lifts the active entries that `which` holds for, a condition on the row `entry`. Returns how many there were.
 */
export async function liftWhere(
  tx: Tx,
  { sectionId, userId }: SuppressionCause,
  which: Sql,
  reason: string,
): Promise<number> {
  return execute(
    tx,
    sql`
      update suppression entry
      set lifted_at = ${new Date()}::timestamptz, lifted_by = ${userId}::int, lift_reason = ${reason}
      where entry.section_id = ${sectionId} and entry.lifted_at is null and ${which}`,
  );
}

/** Takes away what may say more about erased people than their address. `keys`: in lower case. */
export async function forgetEvidence(tx: Tx, sectionId: SectionId, keys: readonly string[]): Promise<void> {
  await execute(
    tx,
    sql`
      update suppression set evidence = '', lift_reason = ''
      where section_id = ${sectionId} and address_key = any(${keys}::text[]) and (evidence <> '' or lift_reason <> '')`,
  );
}
