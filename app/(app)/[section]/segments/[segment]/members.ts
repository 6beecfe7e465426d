// Whom the segment's page shows: those who are in it now, were at the end of a day, or came and went between two days.
import { Refusal } from '@/lib/access/refusal';
import type { ProfileId, SectionId, SegmentId } from '@/lib/db/ids';
import { pool } from '@/lib/db/pool';
import type { ProfilePage } from '@/lib/profiles/queries';
import { openSegment, type OpenSegment } from '@/lib/segments/definitions';
import { patiently } from '@/lib/access/patiently';
import { countMembers, difference, endOfDay, listDifference, listMembers } from '@/lib/segments/queries';
import { DaySchema } from '@/lib/segments/schema';
import type { AskedMembers, Later, Members } from './member-params';

const NOBODY: ProfilePage = { profiles: [], older: null, newer: null };

/** Throws a refusal where the segment cannot be used. */
export async function readMembers(sectionId: SectionId, id: SegmentId, asked: AskedMembers): Promise<Members> {
  const opened = await openSegment(pool(), sectionId, id);
  const edge = {
    ...(asked.before !== null && { before: asked.before as ProfileId }),
    ...(asked.after !== null && { after: asked.after as ProfileId }),
  };
  if (asked.view === 'compare') return readDifference(sectionId, opened, asked, edge);
  const days = asked.view === 'then' ? daysOf([asked.at]) : [];
  if (!Array.isArray(days)) return { kind: 'dates', page: NOBODY, message: days.message };
  const [day] = days;
  const asOf = day === undefined ? {} : { at: await endOfDay(pool(), day, opened.rules.timeZone) };
  const count = later(patiently(undefined, (db) => countMembers(db, sectionId, opened, asOf)));
  const page = await patiently(undefined, (db) => listMembers(db, sectionId, opened, edge, asOf));
  return { kind: 'list', page, count };
}

async function readDifference(
  sectionId: SectionId,
  opened: OpenSegment,
  { from, to, which }: AskedMembers,
  edge: { before?: ProfileId; after?: ProfileId },
): Promise<Members> {
  const days = daysOf([from, to]);
  if (!Array.isArray(days)) return { kind: 'dates', page: NOBODY, message: days.message };
  const [first, second] = await Promise.all(days.map((day) => endOfDay(pool(), day, opened.rules.timeZone)));
  const between = { from: first!, to: second! };
  if (between.from > between.to) {
    return { kind: 'dates', page: NOBODY, message: 'The second date is before the first.' };
  }
  const compared = later(patiently(undefined, (db) => difference(db, sectionId, opened, between)));
  const page = await patiently(undefined, (db) => listDifference(db, sectionId, opened, { ...between, which }, edge));
  return { kind: 'difference', page, difference: compared };
}

/** The days, or what is wrong with them; nothing is wrong where one has not been chosen yet. */
function daysOf(texts: readonly string[]): string[] | { message: string | null } {
  if (texts.some((text) => text === '')) return { message: null };
  const wrong = texts.find((text) => !DaySchema.safeParse(text).success);
  return wrong === undefined ? [...texts] : { message: `There is no date “${wrong.slice(0, 40)}”.` };
}

async function later<T>(answer: Promise<T>): Later<T> {
  try {
    return { ok: true, value: await answer };
  } catch (error) {
    if (error instanceof Refusal) return { ok: false, message: error.message };
    throw error;
  }
}
