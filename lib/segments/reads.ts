// Reads of segments for pages.
import { z } from 'zod';
import { InSection } from '@/lib/access/declared';
import { query } from '@/lib/access/query';
import { refuse, settled } from '@/lib/access/refusal';
import { inAddress, ProfileIdSchema, SegmentIdSchema, TagIdSchema } from '@/lib/db/ids';
import { PageCursorSchema } from '@/lib/profiles/reads';
import { openRules, openSegment, openSegments } from './definitions';
import { explainFor, segmentsOfProfile } from './explain';
import { exportMembers } from './export';
import { lostParts } from './lost-parts';
import { countMembers, difference, endOfDay, listDifference, listMembers, membersByTag } from './members';
import { pastInWords, pastOf, pastSizesAreDue } from './past-sizes';
import { changedLately, getSegment, segmentOptions, segmentSizes } from './queries';
import { DaySchema } from '@/lib/attributes/comparison';
import { RulesSchema } from './schema';
import { vocabularyOf } from './vocabulary';

const OneSegment = InSection.extend({ segmentId: SegmentIdSchema });

/** One segment with its rules. */
export const readSegment = query({
  name: 'segments.read',
  scope: 'section',
  allow: 'readers',
  input: InSection.extend({ segmentId: inAddress(SegmentIdSchema) }),
  run: async ({ db }, { sectionId, segmentId }) => {
    const segment = segmentId === null ? undefined : await getSegment(db, sectionId, segmentId);
    return segment ?? refuse('not_found', 'This segment does not exist in this section: it may have been deleted.');
  },
});

/** What rules can refer to, and the names of everything in `rules`, including hidden things. */
export const readVocabulary = query({
  name: 'segments.read-vocabulary',
  scope: 'section',
  allow: 'readers',
  input: InSection.extend({ rules: z.array(RulesSchema).optional() }),
  run: ({ db, accountId }, { sectionId, rules }) => vocabularyOf(db, { accountId, sectionId }, rules),
});

/** Why some tags and attributes cannot be used any more; usable ones are left out. */
export const readLostParts = query({
  name: 'segments.list-lost-parts',
  scope: 'section',
  allow: 'readers',
  input: InSection.extend({
    tagIds: z.array(TagIdSchema).max(100),
    codes: z.array(z.string().max(40)).max(100),
  }),
  run: ({ db }, { sectionId, ...parts }) => lostParts(db, sectionId, parts),
});

/**
 * All sizes of a segment, oldest first. `past`: what is to be said about the days before it was created, in words.
 * `pending`: more are probably being counted at this moment.
 */
export const readSegmentSizes = query({
  name: 'segments.list-sizes',
  scope: 'section',
  allow: 'readers',
  input: OneSegment,
  run: async ({ db }, { sectionId, segmentId }) => {
    const sizes = await segmentSizes(db, sectionId, segmentId);
    const hasPast = sizes.some(({ computed }) => computed);
    const [opened] = (await openSegments(db, sectionId, [segmentId])).opened;
    const moreSoon =
      (await changedLately(db, sectionId, segmentId)) || (await pastSizesAreDue(db, sectionId, segmentId));
    return {
      sizes,
      past: opened ? pastInWords(opened, hasPast) : null,
      pending: moreSoon && opened !== undefined && (sizes.length === 0 || (pastOf(opened).known && !hasPast)),
    };
  },
});

/** The number of members of a segment now. */
export const readSegmentSize = query({
  name: 'segments.count',
  scope: 'section',
  allow: 'readers',
  timeLimit: 'slow',
  input: OneSegment,
  run: async ({ db }, { sectionId, segmentId }) => ({
    count: await countMembers(db, sectionId, await openSegment(db, sectionId, segmentId)),
  }),
});

/** The most frequent tags of a segment's members. */
export const readTagsOfMembers = query({
  name: 'segments.list-tags-of-members',
  scope: 'section',
  allow: 'readers',
  timeLimit: 'slow',
  input: OneSegment,
  run: async ({ db }, { sectionId, segmentId }) =>
    membersByTag(db, sectionId, await openSegment(db, sectionId, segmentId)),
});

const SAMPLE = 10;

/** The number of profiles that match unsaved rules or, with `sample`, some of them. */
export const readMatches = query({
  name: 'segments.try-rules',
  scope: 'section',
  allow: 'readers',
  timeLimit: 'slow',
  input: InSection.extend({ rules: RulesSchema, sample: z.boolean().default(false) }),
  run: async ({ db }, { sectionId, rules, sample }) => {
    const opened = { rules, definitions: await openRules(db, sectionId, rules) };
    if (!sample) return { count: await countMembers(db, sectionId, opened) };
    const { profiles } = await listMembers(db, sectionId, opened, {}, { size: SAMPLE });
    return { profiles };
  },
});

/** A page of a segment's members, now or at the end of a day, and a promise of their number, which may take longer. */
export const readMembers = query({
  name: 'segments.list-members',
  scope: 'section',
  allow: 'readers',
  input: OneSegment.extend({ edge: PageCursorSchema, day: DaySchema.optional() }),
  run: async ({ db, limited }, { sectionId, segmentId, edge, day }) => {
    const opened = await openSegment(db, sectionId, segmentId);
    const asOf = day === undefined ? {} : { at: await endOfDay(db, day, opened.rules.timeZone) };
    const count = settled(limited((tx) => countMembers(tx, sectionId, opened, asOf)));
    const page = await limited((tx) => listMembers(tx, sectionId, opened, edge, asOf));
    return { page, count };
  },
});

/** A page of those who joined or left a segment between the ends of two days, and a promise of their number. */
export const readDifference = query({
  name: 'segments.list-difference',
  scope: 'section',
  allow: 'readers',
  input: OneSegment.extend({ edge: PageCursorSchema, from: DaySchema, to: DaySchema, which: z.enum(['came', 'went']) }),
  run: async ({ db, limited }, { sectionId, segmentId, edge, which, ...days }) => {
    const opened = await openSegment(db, sectionId, segmentId);
    const [from, to] = await Promise.all([
      endOfDay(db, days.from, opened.rules.timeZone),
      endOfDay(db, days.to, opened.rules.timeZone),
    ]);
    const counts = settled(limited((tx) => difference(tx, sectionId, opened, { from, to })));
    const page = await limited((tx) => listDifference(tx, sectionId, opened, { from, to, which }, edge));
    return { page, difference: counts };
  },
});

/** The segments that a profile is in now, and the others. */
export const readSegmentsOfProfile = query({
  name: 'segments.list-of-profile',
  scope: 'section',
  allow: 'readers',
  timeLimit: 'slow',
  input: InSection.extend({ profileId: ProfileIdSchema }),
  run: async ({ db }, { sectionId, profileId }) => {
    const mine = await segmentsOfProfile(db, sectionId, profileId);
    const all = await segmentOptions(db, sectionId);
    const rest = all.filter(({ id, attention }) => !attention && !mine.some((segment) => segment.id === id));
    return { mine, others: rest.map(({ id, name }) => ({ id, name })) };
  },
});

/** Why a profile is in a segment or not, condition by condition, with the names of what the rules refer to. */
export const readVerdict = query({
  name: 'segments.explain',
  scope: 'section',
  allow: 'readers',
  input: OneSegment.extend({ profileId: ProfileIdSchema, day: DaySchema.optional() }),
  run: async ({ db, accountId }, { sectionId, segmentId, profileId, day }) => {
    const opened = await openSegment(db, sectionId, segmentId);
    const asOf = day === undefined ? undefined : { at: await endOfDay(db, day, opened.rules.timeZone) };
    const verdict = await explainFor(db, sectionId, opened, profileId, asOf);
    if (!verdict) return refuse('not_found', 'This profile does not exist in this section.');
    const rules = [opened.rules, ...[...opened.definitions.segments.values()].map((used) => used.rules)];
    return { verdict, vocabulary: await vocabularyOf(db, { accountId, sectionId }, rules) };
  },
});

/**
 * The lines of a file with a segment's members, now or at the end of a day, and the segment's name. No columns given:
 * all.
 */
export const readMembersFile = query({
  name: 'segments.read-members-file',
  scope: 'section',
  allow: 'readers',
  input: OneSegment.extend({ columns: z.array(z.string().max(60)).max(1_000), day: DaySchema.nullable() }),
  run: async ({ db, actor, signal }, { sectionId, segmentId, columns, day }) => {
    const opened = await openSegment(db, sectionId, segmentId);
    const asOf = day === null ? undefined : { at: await endOfDay(db, day, opened.rules.timeZone) };
    const lines = await exportMembers({ actor, sectionId }, opened, { columns, asOf, signal });
    return { name: opened.name, lines };
  },
});
