// Reads of possible duplicates. What a look found is checked against the profiles as they are now, so that no pair is
// shown that has nothing in common any more.
import type { OperationId, ProfileId, SectionId } from '@/lib/db/ids';
import { maybeOne, one, rows, sql, type Db, type Sql } from '@/lib/db/sql';
import { profilesByIds } from '@/lib/profiles/queries';
import type { ProfileRow } from '@/lib/profiles/schema';
import { displayDay } from '@/lib/attributes/display';
import { comparedValues, type Comparing } from './matching';
import {
  REASON_BITS,
  REASONS,
  type Crowd,
  type DuplicatePair,
  type DuplicateSide,
  type DuplicatesStatus,
  type Match,
  type PairPage,
  type PairPlace,
  type Reason,
} from './schema';
import { readSources } from './sources';

const PAGE_SIZE = 20;
/** One more, to know whether another page follows. */
const BATCH = PAGE_SIZE + 1;

/** How many rows a page reads at most to be full: pairs whose data have changed are passed over. */
const LOOKED_AT_MAX = 200;

/** How many pairs of one profile, and how many crowds, are shown. */
const OF_ONE = 5;
const CROWDS = 10;

type StoredPair = {
  first: ProfileId;
  second: ProfileId;
  reasons: number;
  at: Date | null;
  by: string | null;
};

/** Which pairs: those to decide, the most certain first, or those that somebody dismissed, the latest first. */
export type PairFilter = { dismissed: boolean; reason: Reason | null };

/** A page of pairs. A pair to decide has something in common now; a dismissed one may not. */
export async function listPairs(
  db: Db,
  sectionId: SectionId,
  filter: PairFilter,
  after: PairPlace | null = null,
): Promise<PairPage> {
  const how = await howToCompare(db, sectionId);
  const pairs: { pair: DuplicatePair; place: PairPlace }[] = [];
  let from = after;
  for (let lookedAt = 0; lookedAt < LOOKED_AT_MAX; lookedAt += BATCH) {
    const stored = await storedPairs(db, sectionId, filter, from);
    const checked = await checkPairs(db, sectionId, how, stored);
    for (const { first, second, reasons, at } of stored) {
      from = { first, second, reasons, at };
      const pair = checked.find((found) => found.first.id === first && found.second.id === second);
      if (!pair || !isWanted(pair, filter)) continue;
      if (pairs.length === PAGE_SIZE) return { pairs: pairs.map((found) => found.pair), next: pairs.at(-1)!.place };
      pairs.push({ pair, place: from });
    }
    if (stored.length < BATCH) from = null;
    if (from === null) break;
  }
  return { pairs: pairs.map(({ pair }) => pair), next: from };
}

function isWanted({ matches }: DuplicatePair, { dismissed, reason }: PairFilter): boolean {
  return dismissed || (reason === null ? matches.length > 0 : matches.some((match) => match.reason === reason));
}

/** The pairs of one profile that are to be decided. */
export async function pairsOfProfile(db: Db, sectionId: SectionId, id: ProfileId): Promise<DuplicatePair[]> {
  const stored = await rows<StoredPair>(
    db,
    sql`
      select ${STORED}, null::text as by
      from duplicate_pair pair
      where pair.section_id = ${sectionId} and pair.dismissed_at is null
        and (pair.first_profile_id = ${id} or pair.second_profile_id = ${id})
      order by pair.reasons desc, pair.first_profile_id desc, pair.second_profile_id desc
      limit ${OF_ONE}`,
  );
  if (stored.length === 0) return [];
  const pairs = await checkPairs(db, sectionId, await howToCompare(db, sectionId), stored);
  return pairs.filter(({ matches }) => matches.length > 0);
}

const STORED = sql`
  pair.first_profile_id as first, pair.second_profile_id as second, pair.reasons, pair.dismissed_at as at`;

/** All values of `reasons` with this one: an index can find them, other than a bit. */
const sumsWith = (reason: Reason): number[] =>
  Array.from({ length: 8 }, (_, sum) => sum).filter((sum) => (sum & REASON_BITS[reason]) > 0);

/** The next rows, over the index of the list. */
function storedPairs(
  db: Db,
  sectionId: SectionId,
  { dismissed, reason }: PairFilter,
  after: PairPlace | null,
): Promise<StoredPair[]> {
  const beyond = after ? afterPlace(after, dismissed) : sql``;
  const withReason = reason ? sql`and pair.reasons = any(${sumsWith(reason)}::smallint[])` : sql``;
  return rows<StoredPair>(
    db,
    sql`
      select ${STORED}, app_user.name as by
      from duplicate_pair pair
      left join app_user on app_user.id = pair.dismissed_by
      where pair.section_id = ${sectionId} and pair.dismissed_at is ${dismissed ? sql`not` : sql``} null
        ${withReason} ${beyond}
      order by ${dismissed ? sql`pair.dismissed_at` : sql`pair.reasons`} desc,
        pair.first_profile_id desc, pair.second_profile_id desc
      limit ${BATCH}`,
  );
}

function afterPlace({ at, reasons, first, second }: PairPlace, dismissed: boolean): Sql {
  const ids = sql`pair.first_profile_id, pair.second_profile_id`;
  return dismissed
    ? sql`and (pair.dismissed_at, ${ids}) < (${at}::timestamptz, ${first}::bigint, ${second}::bigint)`
    : sql`and (pair.reasons, ${ids}) < (${reasons}::smallint, ${first}::bigint, ${second}::bigint)`;
}

/** How the section's profiles are compared: as the last look did, but with the attributes that there are now. */
async function howToCompare(db: Db, sectionId: SectionId): Promise<Comparing> {
  const look = await maybeOne<{ callingCode: string | null }>(
    db,
    sql`select calling_code as "callingCode" from duplicate_look where section_id = ${sectionId}`,
  );
  return { sources: await readSources(db, sectionId), callingCode: look?.callingCode ?? null };
}

/** The pairs of which both profiles exist, with what they have in common now. */
async function checkPairs(
  db: Db,
  sectionId: SectionId,
  how: Comparing,
  stored: readonly StoredPair[],
): Promise<DuplicatePair[]> {
  const ids = [...new Set(stored.flatMap(({ first, second }) => [first, second]))];
  if (ids.length === 0) return [];
  const profiles = await profilesByIds(db, sectionId, ids);
  const values = await valuesOf(db, sectionId, how, ids);
  return stored.flatMap(({ first, second, at, by }) => {
    const [one, other] = [profiles.get(first), profiles.get(second)];
    if (!one || !other) return [];
    return {
      first: sideOf(one),
      second: sideOf(other),
      matches: matchesOf(values.get(first) ?? [], values.get(second) ?? []),
      dismissed: at && { at, by },
    };
  });
}

const sideOf = ({ id, name, attributes, tags, createdAt }: ProfileRow): DuplicateSide => ({
  id,
  name,
  attributes,
  tags,
  createdAt,
});

type Value = { reason: Reason; code: string; raw: string; value: string };

async function valuesOf(
  db: Db,
  sectionId: SectionId,
  how: Comparing,
  ids: readonly ProfileId[],
): Promise<Map<ProfileId, Value[]>> {
  const found = await rows<{ id: ProfileId; reason: number; code: string; raw: string; value: string }>(
    db,
    sql`
      select profile_id as id, reason, code, raw, value
      from (${comparedValues(sectionId, how, { which: sql`and profile.id = any(${ids}::bigint[])` })}) compared`,
  );
  const values = new Map<ProfileId, Value[]>();
  for (const { id, reason: bit, ...value } of found) {
    const reason = REASONS.find((name) => REASON_BITS[name] === bit)!;
    values.set(id, [...(values.get(id) ?? []), { ...value, reason }]);
  }
  return values;
}

/** The first value that both have, for each reason. */
function matchesOf(ofFirst: readonly Value[], ofSecond: readonly Value[]): Match[] {
  return REASONS.flatMap((reason) => {
    const pairs = ofFirst.flatMap((first) =>
      ofSecond
        .filter((second) => first.reason === reason && second.reason === reason && first.value === second.value)
        .map((second) => ({ first, second })),
    );
    return pairs.slice(0, 1).map(({ first, second }) => ({ reason, first: written(first), second: written(second) }));
  });
}

const written = ({ code, raw }: Value) => ({ code, text: raw });

type Look = {
  operationId: OperationId;
  doneId: OperationId | null;
  doneAt: Date | null;
  counts: Partial<Record<Reason, number>> | null;
};

/** The state of the search in a section. */
export async function duplicatesStatus(db: Db, sectionId: SectionId): Promise<DuplicatesStatus> {
  const look = await maybeOne<Look>(
    db,
    sql`
      select look.operation_id as "operationId", look.done_id as "doneId", look.done_at as "doneAt", operation.counts
      from duplicate_look look
      left join operation on operation.section_id = ${sectionId} and operation.id = look.done_id
      where look.section_id = ${sectionId}`,
  );
  const counts = await one<{ open: number; dismissed: number }>(
    db,
    sql`
      select
        (select count(*) from duplicate_pair where section_id = ${sectionId} and dismissed_at is null) as open,
        (select count(*) from duplicate_pair where section_id = ${sectionId} and dismissed_at is not null) as dismissed`,
  );
  const how = await howToCompare(db, sectionId);
  const counted = look?.counts;
  return {
    ...counts,
    lookedAt: look?.doneAt ?? null,
    unfinished: look && look.operationId !== look.doneId ? look.operationId : null,
    crowds: look?.doneId ? await crowdsOf(db, sectionId, how, look.doneId) : [],
    compared: { email: counted?.email ?? 0, name: counted?.name ?? 0, phone: counted?.phone ?? 0 },
    callingCode: how.callingCode,
  };
}

async function crowdsOf(db: Db, sectionId: SectionId, how: Comparing, lookId: OperationId): Promise<Crowd[]> {
  const stored = await rows<{ reason: number; profileId: ProfileId; people: number }>(
    db,
    sql`
      select reason, profile_id as "profileId", people
      from duplicate_crowd
      where section_id = ${sectionId} and look_id = ${lookId}
      order by people desc, profile_id
      limit ${CROWDS}`,
  );
  const ids = stored.map(({ profileId }) => profileId);
  if (ids.length === 0) return [];
  const profiles = await profilesByIds(db, sectionId, ids);
  const values = await valuesOf(db, sectionId, how, ids);
  return stored.flatMap(({ reason: bit, profileId, people }) => {
    const profile = profiles.get(profileId);
    const own = (values.get(profileId) ?? []).filter(({ reason }) => REASON_BITS[reason] === bit);
    if (!profile || !own[0]) return [];
    const { name } = profile;
    const shared =
      own[0].reason === 'name'
        ? `${name}, ${displayDay(own[0].raw)}`
        : [...new Set(own.map(({ raw }) => raw))].join(', ');
    return { reason: own[0].reason, people, profileId, name, shared };
  });
}
