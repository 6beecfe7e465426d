// Whom the segment's page shows: those who are in it now, were at the end of a day, or came and went between two days.
import type { UserActor } from '@/lib/access/actor';
import { randomUUID } from 'node:crypto';
import { later } from '@/app/later';
import { withTimeout } from '@/lib/access/with-timeout';
import type { SectionId, SegmentId } from '@/lib/db/ids';
import { pool } from '@/lib/db/pool';
import { openSegment, type OpenSegment } from '@/lib/segments/definitions';
import { countMembers, difference, endOfDay, listDifference, listMembers } from '@/lib/segments/members';
import { DaySchema } from '@/lib/segments/schema';
import { dayInWords } from '@/lib/segments/words';
import { edgeOf } from '../../profiles/search-params';
import type { AskedMembers, FoundMembers, Members } from './member-params';

/** A refusal, such as of what takes too long, is part of the answer. */
export async function readMembers(
  actor: UserActor,
  sectionId: SectionId,
  id: SegmentId,
  asked: AskedMembers,
): Promise<Members> {
  const found = await later(findMembers(actor, sectionId, id, asked));
  return {
    key: randomUUID(),
    asked,
    ...(found.ok ? found.value : nobody('The members cannot be shown', found.message)),
  };
}

async function findMembers(
  actor: UserActor,
  sectionId: SectionId,
  id: SegmentId,
  asked: AskedMembers,
): Promise<FoundMembers> {
  const opened = await openSegment(pool(), sectionId, id);
  return asked.view === 'compare'
    ? findDifference(actor, sectionId, opened, asked)
    : findList(actor, sectionId, opened, asked);
}

async function findList(
  actor: UserActor,
  sectionId: SectionId,
  opened: OpenSegment,
  asked: AskedMembers,
): Promise<FoundMembers> {
  const days = asked.view === 'then' ? daysOf([asked.at], opened.rules.timeZone) : [];
  if (!Array.isArray(days)) return nobody('Choose a date', days.message);
  const [day] = days;
  const asOf = day === undefined ? {} : { at: await endOfDay(pool(), day, opened.rules.timeZone) };
  const count = later(withTimeout({ actor }, (db) => countMembers(db, sectionId, opened, asOf)));
  const page = await withTimeout({ actor }, (db) => listMembers(db, sectionId, opened, edgeOf(asked), asOf));
  return { kind: 'list', page, count };
}

async function findDifference(
  actor: UserActor,
  sectionId: SectionId,
  opened: OpenSegment,
  asked: AskedMembers,
): Promise<FoundMembers> {
  const { from, to, which } = asked;
  const days = daysOf([from, to], opened.rules.timeZone);
  if (!Array.isArray(days)) return nobody('Choose two dates', days.message);
  const [first, second] = await Promise.all(days.map((day) => endOfDay(pool(), day, opened.rules.timeZone)));
  const between = { from: first!, to: second! };
  if (between.from > between.to) return nobody('Choose two dates', 'The second date is before the first.');
  const compared = later(withTimeout({ actor }, (db) => difference(db, sectionId, opened, between)));
  const page = await withTimeout({ actor }, (db) =>
    listDifference(db, sectionId, opened, { ...between, which }, edgeOf(asked)),
  );
  return { kind: 'difference', page, difference: compared };
}

const nobody = (title: string, message: string): FoundMembers => ({
  kind: 'nobody',
  page: { profiles: [], older: null, newer: null },
  title,
  message,
});

const NONE_CHOSEN =
  'Tags and events are taken as they were at the end of that day, from the history; attributes and keys as they are now.';

/** The days, or what is wrong with them; nothing is wrong where one has not been chosen yet. */
function daysOf(texts: readonly string[], timeZone: string): string[] | { message: string } {
  if (texts.some((text) => text === '')) return { message: NONE_CHOSEN };
  const wrong = texts.find((text) => !DaySchema.safeParse(text).success);
  if (wrong !== undefined) return { message: `There is no date “${wrong.slice(0, 40)}”.` };
  const today = new Date().toLocaleDateString('sv-SE', { timeZone });
  const toCome = texts.find((text) => text > today);
  return toCome === undefined ? [...texts] : { message: `${dayInWords(toCome)} has not come yet.` };
}
