// 'Fast in segments': an index on the values of one attribute in one section. Built in the background, without blocking
// writers; PostgreSQL uses it whenever a segment compares the attribute.
import { z } from 'zod';
import type { AttributeId, SectionId } from '@/lib/db/ids';
import { pool } from '@/lib/db/pool';
import { execute, maybeOne, rows, sql, Sql, type Db, type Tx } from '@/lib/db/sql';
import type { AttributeType } from './schema';
import { INDEXED } from './value-sql';

/** Each index slows down every write of a profile a little, so their number per section is limited. */
export const INDEXES_PER_SECTION = 8;

export type IndexStatus = 'building' | 'ready' | 'failed';

/** `bytes`: size on disk once it is ready. `problem`: why the build failed. */
export type AttributeIndex = {
  attributeId: AttributeId;
  status: IndexStatus;
  bytes: number | null;
  problem: string | null;
};

export const IndexJobSchema = z.object({ sectionId: z.number().int(), attributeId: z.number().int() });

const nameOf = (sectionId: SectionId, attributeId: AttributeId) => `profile_value_${sectionId}_${attributeId}`;

/** The section's indexes. */
export function listIndexes(db: Db, sectionId: SectionId): Promise<AttributeIndex[]> {
  return rows<AttributeIndex>(
    db,
    sql`
      select attribute_id as "attributeId", status, bytes, problem
      from attribute_index
      where section_id = ${sectionId}
      order by attribute_id`,
  );
}

/** The attributes whose index is being built. */
export const readBuilding = (db: Db, sectionId: SectionId): Promise<{ attributeId: AttributeId; name: string }[]> =>
  rows(
    db,
    sql`
      select attribute.id as "attributeId", attribute.name
      from attribute_index building
      join attribute on attribute.section_id = ${sectionId} and attribute.id = building.attribute_id
      where building.section_id = ${sectionId} and building.status = 'building'
      order by attribute.id`,
  );

/** Queues the build or, once its row is gone, the removal of an index. Queueing twice has no further effect. */
export async function queueIndexWork(tx: Tx, sectionId: SectionId, attributeId: AttributeId): Promise<void> {
  await rows(
    tx,
    sql`
      select graphile_worker.add_job(
        'settle_attribute_index',
        json_build_object('sectionId', ${sectionId}::int, 'attributeId', ${attributeId}::int),
        queue_name := 'attribute-indexes',
        max_attempts := 5,
        job_key := ${`attribute-index:${sectionId}:${attributeId}`}
      )`,
  );
}

/**
 * Makes the index match its row: builds it, or removes it if there is no row. Safe to run again after any interruption:
 * an interrupted build leaves an invalid index, which is removed and built again.
 */
export async function settleIndex(sectionId: SectionId, attributeId: AttributeId): Promise<void> {
  const wanted = await maybeOne<{ code: string; type: AttributeType }>(
    pool(),
    sql`
      select attribute.code, attribute.type
      from attribute_index wanted
      join attribute on attribute.section_id = ${sectionId} and attribute.id = wanted.attribute_id
      where wanted.section_id = ${sectionId} and wanted.attribute_id = ${attributeId}`,
  );
  const name = identifier(nameOf(sectionId, attributeId));
  if (!wanted) {
    await execute(pool(), sql`drop index concurrently if exists ${name}`);
    return;
  }
  try {
    if (!(await isValid(sectionId, attributeId))) {
      await execute(pool(), sql`drop index concurrently if exists ${name}`);
      const value = INDEXED[wanted.type](sql`attributes`, literal(wanted.code));
      await execute(
        pool(),
        sql`
          create index concurrently ${name} on profile (${value}, id)
          where section_id = ${literal(String(sectionId))}::int and ${value} is not null`,
      );
    }
    // So that the planner knows the distribution of the values.
    await execute(pool(), sql`analyze profile`);
    await note(sectionId, attributeId, { status: 'ready', problem: null });
  } catch (error) {
    const problem = error instanceof Error ? error.message : 'Something unexpected happened.';
    await note(sectionId, attributeId, { status: 'failed', problem });
    throw error;
  }
}

async function isValid(sectionId: SectionId, attributeId: AttributeId): Promise<boolean> {
  const index = await maybeOne<{ valid: boolean }>(
    pool(),
    sql`select indisvalid as valid from pg_index where indexrelid = to_regclass(${nameOf(sectionId, attributeId)})`,
  );
  return index?.valid ?? false;
}

async function note(
  sectionId: SectionId,
  attributeId: AttributeId,
  { status, problem }: Pick<AttributeIndex, 'status' | 'problem'>,
): Promise<void> {
  await execute(
    pool(),
    sql`
      update attribute_index
      set status = ${status}, problem = ${problem},
          bytes = (select pg_total_relation_size(to_regclass(${nameOf(sectionId, attributeId)})))
      where section_id = ${sectionId} and attribute_id = ${attributeId}`,
  );
}

/** Index names and codes are generated by Tagwell, never entered. DDL takes no parameters. */
function identifier(name: string): Sql {
  if (!/^[a-z0-9_]+$/.test(name)) throw new Error(`Not an identifier: ${name}`);
  return new Sql([name], []);
}

function literal(text: string): Sql {
  if (!/^[a-z0-9_]+$/.test(text)) throw new Error(`Not a plain literal: ${text}`);
  return new Sql([`'${text}'`], []);
}
