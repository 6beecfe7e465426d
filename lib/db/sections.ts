// What is done in one section after the other.
import type { SectionId } from './ids';
import { pool } from './pool';
import { rows, sql } from './sql';

/** All sections of the installation. */
export async function allSections(): Promise<SectionId[]> {
  const found = await rows<{ id: SectionId }>(pool(), sql`select id from section`);
  return found.map(({ id }) => id);
}
