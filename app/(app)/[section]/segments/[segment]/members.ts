// Finds the members for a segment's page: current ones, those at the end of a day, or the changes between two days.
import { randomUUID } from 'node:crypto';
import { deferred } from '@/app/deferred';
import type { UserActor } from '@/lib/access/actor';
import type { SectionId, SegmentId } from '@/lib/db/ids';
import { readDifference, readMembers } from '@/lib/segments/reads';
import { DaySchema } from '@/lib/attributes/comparison';
import { dayInWords } from '@/lib/attributes/comparison-words';
import { cursorOf, type MembersRequest, type FoundMembers, type Members } from './member-params';

/** `timeZone`: of the segment's days. */
type Of = { sectionId: SectionId; segmentId: SegmentId; timeZone: string };

/** A refusal, such as a timeout, is part of the answer. */
export async function findMembers(actor: UserActor, of: Of, asked: MembersRequest): Promise<Members> {
  const found = await (asked.view === 'compare' ? findDifference(actor, of, asked) : findList(actor, of, asked));
  return { key: randomUUID(), asked, ...found };
}

async function findList(actor: UserActor, { timeZone, ...of }: Of, asked: MembersRequest): Promise<FoundMembers> {
  const days = asked.view === 'then' ? daysOf([asked.at], timeZone) : [];
  if (!Array.isArray(days)) return nobody('Choose a date', days.message);
  const found = await readMembers(actor, { ...of, edge: cursorOf(asked), day: days[0] });
  if (!found.ok) return nobody(NOT_SHOWN, found.refusal.message);
  return { kind: 'list', page: found.value.page, count: deferred(found.value.count) };
}

async function findDifference(actor: UserActor, { timeZone, ...of }: Of, asked: MembersRequest): Promise<FoundMembers> {
  const days = daysOf([asked.from, asked.to], timeZone);
  if (!Array.isArray(days)) return nobody('Choose two dates', days.message);
  const [from = '', to = ''] = days;
  if (from > to) return nobody('Choose two dates', 'The second date is before the first.');
  const found = await readDifference(actor, { ...of, edge: cursorOf(asked), from, to, which: asked.which });
  if (!found.ok) return nobody(NOT_SHOWN, found.refusal.message);
  return { kind: 'difference', page: found.value.page, difference: deferred(found.value.difference) };
}

const NOT_SHOWN = 'The members cannot be shown';

const nobody = (title: string, message: string): FoundMembers => ({
  kind: 'nobody',
  page: { profiles: [], older: null, newer: null },
  title,
  message,
});

const NONE_CHOSEN =
  'Tags and events are taken as they were at the end of that day, from the history; attributes and keys as they are now.';

/** The days, or what is wrong with them; a day that is not chosen yet is not an error. */
function daysOf(texts: readonly string[], timeZone: string): string[] | { message: string } {
  if (texts.some((text) => text === '')) return { message: NONE_CHOSEN };
  const wrong = texts.find((text) => !DaySchema.safeParse(text).success);
  if (wrong !== undefined) return { message: `There is no date “${wrong.slice(0, 40)}”.` };
  const today = new Date().toLocaleDateString('sv-SE', { timeZone });
  const toCome = texts.find((text) => text > today);
  return toCome === undefined ? [...texts] : { message: `${dayInWords(toCome)} has not come yet.` };
}
