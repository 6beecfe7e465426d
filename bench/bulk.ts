// Bulk tagging of half a million profiles and its undo, each against one hand-written statement with the same effect on
// tags, ledger and counters.
import { randomUUID } from 'node:crypto';
import type { UserActor } from '@/lib/access/actor';
import type { OperationId, TagId } from '@/lib/db/ids';
import { pool } from '@/lib/db/pool';
import { execute, one, sql } from '@/lib/db/sql';
import { bulkTag } from '@/lib/operations/bulk-tag';
import { undoOperation } from '@/lib/activity/commands';
import { OPERATION_KINDS } from '@/lib/activity/kinds';
import { matchingProfiles } from '@/lib/profiles/filter';
import { SelectionSchema } from '@/lib/profiles/schema';
import { runOperation } from '@/lib/work/run';
import type { World } from './generate';
import { relative, timed, type Line } from './measure';

const ROUNDS = 3;

export async function measureBulk(world: World, actor: UserActor): Promise<Line[]> {
  const { sectionId, tagIds } = world.main;
  // Half of the profiles have neither of these two tags.
  const selection = SelectionSchema.parse({ kind: 'all', filter: { hasNot: [tagIds[19], tagIds[49]] } });
  if (selection.kind !== 'all') throw new Error('The selection is one by filter.');
  const chosen = matchingProfiles(sectionId, selection.filter);
  const { profiles } = await one<{ profiles: number }>(
    pool(),
    sql`select count(*) as profiles from (${chosen}) chosen`,
  );
  const applied: { value: number; limit: number }[] = [];
  const undone: { value: number; limit: number }[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const byHand = await makeTag(world, `By hand ${round}`);
    const insertByHand = await timed(() =>
      execute(
        pool(),
        sql`
          with applied as (
            insert into profile_tag (section_id, tag_id, profile_id)
            select ${sectionId}::int, ${byHand}::int, profile_id from (${chosen}) chosen order by profile_id
            returning profile_id
          ),
          ledger as (
            insert into tag_change (section_id, tag_id, profile_id, action, visible, source, user_id)
            select ${sectionId}::int, ${byHand}::int, profile_id, 1, true, 2, ${world.userId}::int from applied
          )
          insert into tag_count (section_id, tag_id, slot, profiles, last_applied)
          select ${sectionId}::int, ${byHand}::int, 0, count(*), now() from applied`,
      ),
    );
    await settle();
    const ours = await makeTag(world, `Ours ${round}`);
    let operationId = 0 as OperationId;
    const apply = await timed(async () => {
      operationId = expectDone(await bulkTag(actor, { sectionId, selection, apply: [ours] })).operationId;
      await run(world, operationId);
    });
    applied.push({ value: apply, limit: insertByHand });
    await settle();
    const deleteByHand = await timed(() =>
      execute(
        pool(),
        sql`
          with removed as (
            delete from profile_tag where section_id = ${sectionId} and tag_id = ${byHand} returning profile_id
          ),
          ledger as (
            insert into tag_change (section_id, tag_id, profile_id, action, visible, source, user_id)
            select ${sectionId}::int, ${byHand}::int, profile_id, -1, true, 9, ${world.userId}::int from removed
          )
          update tag_count set profiles = profiles - (select count(*) from removed)
          where section_id = ${sectionId} and tag_id = ${byHand}`,
      ),
    );
    await settle();
    const undo = await timed(async () => {
      const started = expectDone(await undoOperation(actor, { sectionId, operationId }));
      await run(world, started.undoId);
    });
    undone.push({ value: undo, limit: deleteByHand });
    await settle();
  }
  const number = profiles.toLocaleString('en-GB');
  const limit = (what: string) => `one hand-written ${what} with ledger and counter`;
  return [
    relative({ work: `bulk tag of ${number} profiles`, unit: 'ms', limit: limit('INSERT'), atMost: 1.5 }, applied),
    relative({ work: `undo of it`, unit: 'ms', limit: limit('DELETE'), atMost: 1.5 }, undone),
  ];
}

/** Does the deferred work of the previous round, so that every measurement starts from the same state. */
export async function settle(): Promise<void> {
  await pool().query('vacuum (analyze) profile_tag, tag_change');
  await pool().query('checkpoint');
}

export async function makeTag({ main }: World, name: string): Promise<TagId> {
  const { id } = await one<{ id: TagId }>(
    pool(),
    sql`
      insert into tag (section_id, discriminator, name, name_key)
      values (${main.sectionId}, ${`usercreated.tags.${randomUUID()}`}, ${name}, ${name.toLowerCase()})
      returning id`,
  );
  return id;
}

async function run({ main }: World, id: OperationId): Promise<void> {
  let thrown: unknown;
  await runOperation(OPERATION_KINDS, main.sectionId, id, {
    runner: randomUUID(),
    onFailure: ({ error }) => (thrown = error),
  });
  if (thrown instanceof Error) throw thrown;
}

export function expectDone<T>(result: { ok: true; value: T } | { ok: false; refusal: { message: string } }): T {
  if (!result.ok) throw new Error(result.refusal.message);
  return result.value;
}
