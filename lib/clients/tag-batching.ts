// Tag changes of single profiles that arrive at the same moment go through the tag door in one statement: most of what one
// costs is the statement, not the change. Each call gets the answer that it would get alone.
import pg from 'pg';
import { actorApiKeyId, actorKey, actorUserId, type Actor } from '@/lib/access/actor';
import { keyIsUsable } from '@/lib/access/api-key';
import type { SectionId, TagId } from '@/lib/db/ids';
import { cancelOnAbort } from '@/lib/db/cancel';
import { connected, RACE_CODES } from '@/lib/db/pool';
import { one, rows, sql, type Sql, type Tx } from '@/lib/db/sql';
import { holdersOf, type InKeyspace, type ProfileKey } from '@/lib/profiles/keyspace';
import { changeStatement, type Wanted } from '@/lib/tags/change';

/** Tags by discriminator or id. */
export type TagChange = { apply: readonly string[]; remove: readonly string[] };

/** `applied` and `removed`: how many tags really changed. `tagIds`: all that were named. */
export type TagChangeResult = { applied: number; removed: number; tagIds: TagId[] };

type Call = {
  profileKey: ProfileKey;
  change: TagChange;
  resolve: (done: TagChangeResult | undefined) => void;
  reject: (error: unknown) => void;
};

/** Calls of one actor in one keyspace of a section: what one statement can do. */
type Queue = { actor: Actor; where: InKeyspace; running: number; waiting: Call[] };

/** Statements of a queue at once: while one waits for the disk, another is computed. */
const AT_ONCE = 2;
/** Calls in a statement. */
const BATCH_MAX = 50;
/** Milliseconds. A call that waits for a lock holds up others for no longer: each of its statement is then done alone. */
const PATIENCE_MS = 500;

/** SQL states after which each call is done alone: races, deadlocks, cancelled by PATIENCE_MS, and texts that cannot be stored. */
const ALONE = [...RACE_CODES, '40P01', '40001', '57014', '22021', '22P05'];

const queues = new Map<string, Queue>();
/** Process ids of the server, by connection. */
const backends = new WeakMap<Tx, number>();

/**
 * Changes tags of a profile that exists, by tags that are all visible and may be written, in one statement that is a transaction
 * by itself. Undefined if that is not enough, such as for a new profile or a hidden tag: then nothing was changed.
 */
export function changeTagsBatched(
  actor: Actor,
  profileKey: ProfileKey,
  change: TagChange,
): Promise<TagChangeResult | undefined> {
  const { sectionId, keyspace } = profileKey;
  const name = `${sectionId}:${keyspace.id}:${actorKey(actor)}`;
  const queue = queues.get(name) ?? { actor, where: { sectionId, keyspace }, running: 0, waiting: [] };
  queues.set(name, queue);
  return new Promise((resolve, reject) => {
    queue.waiting.push({ profileKey, change, resolve, reject });
    if (queue.running < AT_ONCE) void serve(name, queue);
  });
}

/** Works until nothing waits. Never rejects: each call has its own answer. */
async function serve(name: string, queue: Queue): Promise<void> {
  queue.running++;
  while (queue.waiting.length > 0) {
    const [call, ...others] = takeCalls(queue) as [Call, ...Call[]];
    await atMost(PATIENCE_MS, others.length > 0 ? answerTogether(queue, [call, ...others]) : answerAlone(queue, call));
  }
  queue.running--;
  if (queue.running === 0) queues.delete(name);
}

/** Waits for `work`, which never rejects, but no longer than so many milliseconds. */
async function atMost(milliseconds: number, work: Promise<void>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const time = new Promise<void>((resolve) => (timer = setTimeout(resolve, milliseconds)));
  await Promise.race([work, time]);
  clearTimeout(timer);
}

/** The first that wait, each profile key once: two changes of one profile keep their order. */
function takeCalls(queue: Queue): Call[] {
  const taken = new Map<string, Call>();
  const left: Call[] = [];
  for (const call of queue.waiting) {
    const { key } = call.profileKey;
    if (taken.size < BATCH_MAX && !taken.has(key)) taken.set(key, call);
    else left.push(call);
  }
  queue.waiting = left;
  return [...taken.values()];
}

async function answerTogether(queue: Queue, calls: readonly Call[]): Promise<void> {
  try {
    const done = await connected(async (db) => {
      const watch = cancelOnAbort(await backendOf(db), AbortSignal.timeout(PATIENCE_MS));
      try {
        return await changeMany(db, queue, calls);
      } finally {
        await watch.stop();
      }
    });
    calls.forEach((call, index) => call.resolve(done[index]));
  } catch (error) {
    // Nothing of the statement was done. A race, a lock or a text that cannot be stored concerns one call: the others do not wait.
    const concernsOne = error instanceof pg.DatabaseError && ALONE.includes(error.code ?? '');
    for (const call of calls) {
      if (concernsOne) void answerAlone(queue, call);
      else call.reject(error);
    }
  }
}

async function answerAlone(queue: Queue, { profileKey, change, resolve, reject }: Call): Promise<void> {
  try {
    resolve(await connected((db) => changeOne(db, queue.actor, profileKey, change), RACE_CODES));
  } catch (error) {
    reject(error);
  }
}

async function backendOf(db: Tx): Promise<number> {
  let pid = backends.get(db);
  if (pid === undefined) {
    ({ pid } = await one<{ pid: number }>(db, sql`select pg_backend_pid() as pid`));
    backends.set(db, pid);
  }
  return pid;
}

const isId = (ref: string) => /^\d{1,9}$/.test(ref);

/**
 * `ref, id, has_claims` of the visible tags that the references mean, locked, so that none is hidden or merged before the change
 * is made. Tags that were merged into others are left out: looking for them costs more than all the rest, and they are few.
 */
function visibleTags(sectionId: SectionId, refs: readonly string[]): Sql {
  const visible = sql`tag.section_id = ${sectionId} and tag.hidden_at is null`;
  return sql`
    select * from (
      select discriminator as ref, id, has_claims from tag where ${visible} and discriminator = any(${refs}::text[])
      for key share
    ) by_discriminator
    union all
    select * from (
      select id::text, id, has_claims from tag where ${visible} and id = any(${refs.filter(isId).map(Number)}::int[])
      for key share
    ) by_id`;
}

/** The same for one reference, the most frequent case, with one look. */
function visibleTag(sectionId: SectionId, ref: string): Sql {
  const named = isId(ref) ? sql`id = ${Number(ref)}` : sql`discriminator = ${ref}`;
  return sql`
    select ${ref}::text as ref, id, has_claims from tag
    where tag.section_id = ${sectionId} and tag.hidden_at is null and ${named}
    for key share`;
}

/** Whether `named` may be changed through the keyspace by this statement: a removal where lists have claims needs its own locks. */
const allowed = (apply: Sql) => sql`coalesce(permission.can_write, true) and (not named.has_claims or ${apply})`;

const permissionOf = ({ sectionId, keyspace }: InKeyspace) => sql`
  left join tag_permission permission
    on permission.section_id = ${sectionId} and permission.tag_id = named.id and permission.keyspace_id = ${keyspace.id}`;

/**
 * What locks the profiles. A foreign key protects what is applied to a profile that is being deleted; what is removed would be
 * lost with it, so the profile is locked.
 */
function lockingProfile(sectionId: SectionId, removes: boolean): { join: Sql; lock: Sql } {
  if (!removes) return { join: sql``, lock: sql`` };
  return {
    join: sql`join profile on profile.section_id = ${sectionId} and profile.id = keyed.profile_id`,
    lock: sql`for key share of profile`,
  };
}

const causeOf = (actor: Actor, sectionId: SectionId) => ({
  sectionId,
  source: 'api' as const,
  userId: actorUserId(actor),
  apiKeyId: actorApiKeyId(actor),
});

async function changeOne(
  db: Tx,
  actor: Actor,
  profileKey: ProfileKey,
  { apply, remove }: TagChange,
): Promise<TagChangeResult | undefined> {
  const { sectionId } = profileKey;
  const refs = [...apply, ...remove];
  const [ref] = refs;
  const tags = ref !== undefined && refs.length === 1 ? visibleTag(sectionId, ref) : visibleTags(sectionId, refs);
  const removes = remove.length > 0;
  const { join, lock } = lockingProfile(sectionId, removes);
  const applies = sql`(named.ref = any(${apply}::text[]))`;
  const before = sql`
    asked as materialized (
      select named.id as tag_id, ${applies} as apply, ${allowed(applies)} as allowed
      from (${tags}) named
      ${permissionOf(profileKey)}
    ),
    owner as materialized (
      select * from (
        select profile_id from (${holdersOf(profileKey, [profileKey.key])}) keyed ${join}
        where (select count(*) = ${refs.length} and bool_and(allowed) from asked)
          and ${keyIsUsable(actorApiKeyId(actor))}
        ${lock}
      ) locked
    ),`;
  const wanted: Wanted = {
    relation: sql`select owner.profile_id, asked.tag_id, asked.apply from owner, asked`,
    removes,
  };
  const answer = sql`
    select
      (select array_agg(tag_id) from asked) as "tagIds",
      (select coalesce(sum(applied), 0)::int from totals) as applied,
      (select coalesce(sum(removed), 0)::int from totals) as removed
    from owner`;
  const statement = changeStatement(causeOf(actor, sectionId), wanted, { before, answer });
  const [done] = await rows<TagChangeResult>(db, statement, { prepare: true });
  return done;
}

/** The calls' answers, in their order; undefined for one that this statement cannot do, of which nothing was changed. */
async function changeMany(
  db: Tx,
  { actor, where }: Queue,
  calls: readonly Call[],
): Promise<(TagChangeResult | undefined)[]> {
  const { sectionId } = where;
  const keys = calls.map(({ profileKey }) => profileKey.key);
  const asked = calls.flatMap(({ change: { apply, remove } }, call) => [
    ...apply.map((ref) => ({ call, ref, apply: true })),
    ...remove.map((ref) => ({ call, ref, apply: false })),
  ]);
  const removes = asked.some(({ apply }) => !apply);
  const { join, lock } = lockingProfile(sectionId, removes);
  const refs = [...new Set(asked.map(({ ref }) => ref))];
  const before = sql`
    call as materialized (
      select key, number - 1 as call from unnest(${keys}::text[]) with ordinality numbered (key, number)
    ),
    meant as materialized (${visibleTags(sectionId, refs)}),
    asked as materialized (
      select wish.call, named.id as tag_id, wish.apply,
        named.id is not null and ${allowed(sql`wish.apply`)} as allowed
      from unnest(
        ${asked.map(({ call }) => call)}::int[], ${asked.map(({ ref }) => ref)}::text[], ${asked.map(({ apply }) => apply)}::boolean[]
      ) wish (call, ref, apply)
      left join meant named on named.ref = wish.ref
      ${permissionOf(where)}
    ),
    keyed as materialized (
      select * from (
        select call.call, keyed.profile_id
        from (${holdersOf(where, keys)}) keyed
        join call on call.key = keyed.key
        ${join}
        where call.call in (select asked.call from asked group by asked.call having bool_and(allowed))
          and ${keyIsUsable(actorApiKeyId(actor))}
        order by keyed.profile_id
        ${lock}
      ) locked
    ),
    -- A person can have several keys in a keyspace: the changes of one person keep their order.
    owner as materialized (
      select distinct on (profile_id) profile_id, call from keyed order by profile_id, call
    ),`;
  const wanted: Wanted = {
    relation: sql`select owner.profile_id, asked.tag_id, asked.apply from owner join asked on asked.call = owner.call`,
    removes,
  };
  const answer = sql`
    select owner.call,
      (select array_agg(tag_id) from asked where asked.call = owner.call) as "tagIds",
      count(*) filter (where visible and action = 1)::int as applied,
      count(*) filter (where visible and action = -1)::int as removed
    from owner
    left join changes on changes.profile_id = owner.profile_id
    group by owner.call`;
  const statement = changeStatement(causeOf(actor, sectionId), wanted, { before, answer });
  const answers = await rows<TagChangeResult & { call: number }>(db, statement, { prepare: true });
  const done: (TagChangeResult | undefined)[] = calls.map(() => undefined);
  for (const { call, ...changed } of answers) done[call] = changed;
  return done;
}
