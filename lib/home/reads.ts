// What Home reads, each part by itself: one that fails or is slow leaves the others alone.
import { z } from 'zod';
import { actorUserId } from '@/lib/access/actor';
import { InSection } from '@/lib/access/declared';
import { mayAct } from '@/lib/access/policy';
import { query } from '@/lib/access/query';
import { refuse } from '@/lib/access/refusal';
import { countNewProfiles } from '@/lib/profiles/new-people';
import { countProfiles } from '@/lib/profiles/queries';
import { ProfileFilterSchema } from '@/lib/profiles/schema';
import { segmentMovers } from '@/lib/segments/movers';
import { tagMovers, type TagMover } from '@/lib/tags/movers';
import { tidyCounts } from '@/lib/tags/tidy';
import { findThings } from './find';
import { firstSteps } from './first-steps';
import { connectionPart, flowPart, formPart, importPart, messagePart, segmentAttention, workAttention } from './parts';
import { remembered } from './remembered';

const DAY_MS = 86_400_000;
const WEEK_MS = 7 * DAY_MS;
/** Tags, and segments, that grew or shrank: so many of each. */
const MOVERS = 5;
/** Days without use after which a tag may have had its time. */
const IDLE_MS = 90 * DAY_MS;

const rememberPeople = remembered<{ people: number; newThisWeek: number }>();
const rememberUntagged = remembered<number>();
const rememberTagMovers = remembered<TagMover[]>();

/** How many people there are, and how many were added in the last seven days; at most half a minute old. */
export const readPeopleFigures = query({
  name: 'home.count-people',
  scope: 'section',
  allow: 'readers',
  timeLimit: 'slow',
  input: InSection,
  run: ({ db }, { sectionId }) =>
    rememberPeople(sectionId, async () => ({
      people: await countProfiles(db, sectionId, ProfileFilterSchema.parse({})),
      newThisWeek: await countNewProfiles(db, sectionId, new Date(Date.now() - WEEK_MS)),
    })),
});

/** How many people have no tag; at most half a minute old. */
export const readUntaggedFigure = query({
  name: 'home.count-untagged',
  scope: 'section',
  allow: 'readers',
  timeLimit: 'slow',
  input: InSection,
  run: ({ db }, { sectionId }) =>
    rememberUntagged(sectionId, () => countProfiles(db, sectionId, ProfileFilterSchema.parse({ untagged: true }))),
});

/** The tags that grew or shrank most in the last seven days (UTC); at most half a minute old. */
export const readTagMovers = query({
  name: 'home.list-tag-movers',
  scope: 'section',
  allow: 'readers',
  timeLimit: 'list',
  input: InSection,
  run: ({ db }, { sectionId }) =>
    rememberTagMovers(sectionId, () =>
      tagMovers(db, sectionId, { since: new Date(Date.now() - 6 * DAY_MS), most: MOVERS }),
    ),
});

/** The segments that grew or shrank most in the last seven days. */
export const readSegmentMovers = query({
  name: 'home.list-segment-movers',
  scope: 'section',
  allow: 'readers',
  timeLimit: 'list',
  input: InSection,
  run: ({ db }, { sectionId }) => {
    const now = Date.now();
    const period = { since: new Date(now - WEEK_MS), month: new Date(now - 30 * DAY_MS) };
    return segmentMovers(db, sectionId, { ...period, most: MOVERS });
  },
});

/** The last imports, and those that need a person. */
export const readImportPart = query({
  name: 'home.read-imports',
  scope: 'section',
  allow: 'readers',
  input: InSection,
  run: ({ db }, { sectionId }) => importPart(db, sectionId, new Date()),
});

/** The last messages, and those that need this person. */
export const readMessagePart = query({
  name: 'home.read-messages',
  scope: 'section',
  allow: 'readers',
  timeLimit: 'list',
  input: InSection,
  run: ({ db, actor }, { sectionId }) =>
    actor.kind === 'user'
      ? messagePart(db, actor, sectionId)
      : refuse('not_allowed', 'Only a person in the browser has a Home.'),
});

/** The forms in use, and those that need a person. */
export const readFormPart = query({
  name: 'home.read-forms',
  scope: 'section',
  allow: 'readers',
  timeLimit: 'list',
  input: InSection,
  run: ({ db }, { sectionId }) => formPart(db, sectionId, new Date()),
});

/** The live flows, and those that need a person. */
export const readFlowPart = query({
  name: 'home.read-flows',
  scope: 'section',
  allow: 'readers',
  timeLimit: 'list',
  input: InSection,
  run: ({ db }, { sectionId }) => flowPart(db, sectionId),
});

/** The connections to CRMs, and those that need a person. */
export const readConnectionPart = query({
  name: 'home.read-connections',
  scope: 'section',
  allow: 'admins',
  input: InSection,
  run: ({ db }, { sectionId }) => connectionPart(db, sectionId),
});

/** The segments, and other long work, that need a person. */
export const readOtherAttention = query({
  name: 'home.list-attention',
  scope: 'section',
  allow: 'readers',
  input: InSection,
  run: async ({ db }, { sectionId }) => {
    const [segments, work] = await Promise.all([
      segmentAttention(db, sectionId),
      workAttention(db, sectionId, new Date()),
    ]);
    return [...segments, ...work];
  },
});

/** How many tags are worth a look. */
export const readTidyCounts = query({
  name: 'home.count-untidy-tags',
  scope: 'section',
  allow: 'readers',
  input: InSection,
  run: ({ db }, { sectionId }) => tidyCounts(db, sectionId, new Date(Date.now() - IDLE_MS)),
});

/** Which of the first steps have been taken. */
export const readFirstSteps = query({
  name: 'home.read-first-steps',
  scope: 'section',
  allow: 'readers',
  input: InSection,
  run: ({ db }, { sectionId }) => firstSteps(db, sectionId),
});

/** Tags, segments, messages, forms, flows, imports and connections by a part of their names, best first. */
export const readFoundThings = query({
  name: 'home.find',
  scope: 'section',
  allow: 'readers',
  timeLimit: 'list',
  input: InSection.extend({ text: z.string().max(200, 'Search for at most 200 characters.') }),
  run: ({ db, actor }, { sectionId, text }) =>
    findThings(db, sectionId, { text, userId: actorUserId(actor), withConnections: mayAct(actor, 'admins') }),
});
