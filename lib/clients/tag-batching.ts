// Batches concurrent tag changes of single profiles into one statement of the tag door: most of the cost is the
// statement, not the change. Each call gets the answer that it would get alone.
import { setImmediate as immediate } from 'node:timers/promises';
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

/** `applied` and `removed`: how many tags really changed. `tagIds`: all requested tags. */
export type TagChangeResult = { applied: number; removed: number; tagIds: TagId[] };

type Call = {
  profileKey: ProfileKey;
  change: TagChange;
  resolve: (done: TagChangeResult | undefined) => void;
  reject: (error: unknown) => void;
};

/** Waiting calls of one actor in one keyspace of a section: they can share a statement. */
type Queue = { actor: Actor; where: InKeyspace; waiting: Call[] };

/** Calls in a statement. */
const BATCH_MAX = 50;
/**
 * Milliseconds. Calls that arrive while a statement runs share the next one, which costs less than starting one at
 * once; but a statement that waits for a lock or the disk holds them up for this long at most.
 */
const NEXT_AFTER_MS = 50;
/** Milliseconds. A call that waits for a lock holds up its batch for this long at most; then each call runs alone. */
const BATCH_TIMEOUT_MS = 500;

/**
 * SQL states after which each call runs alone: races, deadlocks, a cancel after BATCH_TIMEOUT_MS, text that cannot be
 * stored.
 */
const ALONE = [...RACE_CODES, '40P01', '40001', '57014', '22021', '22P05'];

const queues = new Map<string, Queue>();
/** Process ids of the server, by connection. */
const backends = new WeakMap<Tx, number>();

/**
 * Changes tags of an existing profile in one statement, which is its own transaction. All tags must be visible and
 * writable. Returns undefined, with nothing changed, if that is not enough, for example for a new profile or a hidden
 * tag.
 */
export function changeTagsBatched(
  actor: Actor,
  profileKey: ProfileKey,
  change: TagChange,
): Promise<TagChangeResult | undefined> {
  const { sectionId, keyspace } = profileKey;
  const name = `${sectionId}:${keyspace.id}:${actorKey(actor)}`;
  const known = queues.get(name);
  const queue = known ?? { actor, where: { sectionId, keyspace }, waiting: [] };
  return new Promise((resolve, reject) => {
    queue.waiting.push({ profileKey, change, resolve, reject });
    if (known) return;
    queues.set(name, queue);
    void serve(name, queue);
  });
}

/** Works until the queue is empty. Never rejects: each call gets its own answer. */
async function serve(name: string, queue: Queue): Promise<void> {
  while (queue.waiting.length > 0) {
    // Calls that have arrived together are read one after the other.
    await immediate();
    const [call, ...others] = takeCalls(queue) as [Call, ...Call[]];
    await atMost(
      NEXT_AFTER_MS,
      others.length > 0 ? answerTogether(queue, [call, ...others]) : answerAlone(queue, call),
    );
  }
  queues.delete(name);
}

/** Waits for `work`, which never rejects, for at most this many milliseconds. */
async function atMost(milliseconds: number, work: Promise<void>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const time = new Promise<void>((resolve) => (timer = setTimeout(resolve, milliseconds)));
  await Promise.race([work, time]);
  clearTimeout(timer);
}

/** The first waiting calls, each profile key once, so that changes of one profile keep their order. */
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
      const watch = cancelOnAbort(await backendOf(db), AbortSignal.timeout(BATCH_TIMEOUT_MS));
      try {
        return await changeMany(db, queue, calls);
      } finally {
        await watch.stop();
      }
    });
    calls.forEach((call, index) => call.resolve(done[index]));
  } catch (error) {
    // The statement was rolled back. A race, a lock or invalid text concerns a single call, so run each call alone.
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
 * `ref, id, has_claims` of the visible tags that the references mean, locked so that none is hidden or merged before
 * the change. Leaves out merged tags: they are rare, and looking them up costs more than everything else.
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

/** The same for a single reference, the most frequent case, with one lookup. */
function visibleTag(sectionId: SectionId, ref: string): Sql {
  const named = isId(ref) ? sql`id = ${Number(ref)}` : sql`discriminator = ${ref}`;
  return sql`
    select ${ref}::text as ref, id, has_claims from tag
    where tag.section_id = ${sectionId} and tag.hidden_at is null and ${named}
    for key share`;
}

/**
 * Whether `named` may be changed here: writable through the keyspace, and not a removal that list claims could oppose
 * (those need their own locks).
 */
const allowed = (apply: Sql) => sql`coalesce(permission.can_write, true) and (not named.has_claims or ${apply})`;

const permissionOf = ({ sectionId, keyspace }: InKeyspace) => sql`
  left join tag_permission permission
    on permission.section_id = ${sectionId} and permission.tag_id = named.id and permission.keyspace_id = ${keyspace.id}`;

/**
 * Locks the profiles if tags are removed, so that a removal is not lost when its profile is deleted at the same time.
 * For applied tags the foreign key does this.
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
    requested as materialized (
      select named.id as tag_id, ${applies} as apply, ${allowed(applies)} as allowed
      from (${tags}) named
      ${permissionOf(profileKey)}
    ),
    owner as materialized (
      select * from (
        select profile_id from (${holdersOf(profileKey, [profileKey.key])}) keyed ${join}
        where (select count(*) = ${refs.length} and bool_and(allowed) from requested)
          and ${keyIsUsable(actorApiKeyId(actor))}
        ${lock}
      ) locked
    ),`;
  const wanted: Wanted = {
    relation: sql`select owner.profile_id, requested.tag_id, requested.apply from owner, requested`,
    removes,
  };
  const answer = sql`
    select
      (select array_agg(tag_id) from requested) as "tagIds",
      (select coalesce(sum(applied), 0)::int from totals) as applied,
      (select coalesce(sum(removed), 0)::int from totals) as removed
    from owner`;
  const statement = changeStatement(causeOf(actor, sectionId), wanted, { before, answer });
  const [done] = await rows<TagChangeResult>(db, statement, { prepare: true });
  return done;
}

/** The calls' answers, in order; undefined for a call that this statement cannot do and that changed nothing. */
async function changeMany(
  db: Tx,
  { actor, where }: Queue,
  calls: readonly Call[],
): Promise<(TagChangeResult | undefined)[]> {
  const { sectionId } = where;
  const keys = calls.map(({ profileKey }) => profileKey.key);
  const requested = calls.flatMap(({ change: { apply, remove } }, call) => [
    ...apply.map((ref) => ({ call, ref, apply: true })),
    ...remove.map((ref) => ({ call, ref, apply: false })),
  ]);
  const removes = requested.some(({ apply }) => !apply);
  const { join, lock } = lockingProfile(sectionId, removes);
  const refs = [...new Set(requested.map(({ ref }) => ref))];
  const before = sql`
    call as materialized (
      select key, number - 1 as call from unnest(${keys}::text[]) with ordinality numbered (key, number)
    ),
    meant as materialized (${visibleTags(sectionId, refs)}),
    requested as materialized (
      select item.call, named.id as tag_id, item.apply,
        named.id is not null and ${allowed(sql`item.apply`)} as allowed
      from unnest(
        ${requested.map(({ call }) => call)}::int[], ${requested.map(({ ref }) => ref)}::text[], ${requested.map(({ apply }) => apply)}::boolean[]
      ) item (call, ref, apply)
      left join meant named on named.ref = item.ref
      ${permissionOf(where)}
    ),
    keyed as materialized (
      select * from (
        select call.call, keyed.profile_id
        from (${holdersOf(where, keys)}) keyed
        join call on call.key = keyed.key
        ${join}
        where call.call in (select requested.call from requested group by requested.call having bool_and(allowed))
          and ${keyIsUsable(actorApiKeyId(actor))}
        order by keyed.profile_id
        ${lock}
      ) locked
    ),
    -- A person can have several keys in a keyspace. Their changes keep their order.
    owner as materialized (
      select distinct on (profile_id) profile_id, call from keyed order by profile_id, call
    ),`;
  const wanted: Wanted = {
    relation: sql`select owner.profile_id, requested.tag_id, requested.apply from owner join requested on requested.call = owner.call`,
    removes,
  };
  const answer = sql`
    select owner.call,
      (select array_agg(tag_id) from requested where requested.call = owner.call) as "tagIds",
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
