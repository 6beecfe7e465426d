// Tag changes of many profiles by key, in one call. Each change has its own outcome.
import { z } from 'zod';
import { actorApiKeyId, actorUserId, type Actor } from '@/lib/access/actor';
import { command } from '@/lib/access/command';
import { Refusal, type RefusalData } from '@/lib/access/refusal';
import { KeyspaceIdSchema, SectionIdSchema, type OperationId, type ProfileId, type TagId } from '@/lib/db/ids';
import { sql, type Tx } from '@/lib/db/sql';
import { changingPeople } from '@/lib/flows/through-segments';
import { changeTags, wantedPairs, type Changed } from '@/lib/tags/change';
import {
  createMissing,
  findProfiles,
  holdersOf,
  openKeyspace,
  requireExisting,
  storedKey,
  reasonNotCreated,
  type InKeyspace,
} from '@/lib/profiles/keyspace';
import { isKept } from '@/lib/profiles/keys';
import { allowedTag, findTags, TagRef } from '@/lib/profiles/allowed-operations';

export const BATCH_MAX = 1_000;

const Change = z.object({ key: z.string().max(1_000), tag: TagRef, apply: z.boolean() });

/** The outcome of a change: done (even if it changed nothing), or refused. */
export type Outcome = { ok: true; tagId: TagId } | { ok: false; refusal: RefusalData };

type Accepted = { key: string; tagId: TagId; apply: boolean };

/** Applies and removes tags of many profiles at once. A change that is refused leaves the others alone. */
export const changeManyByKey = command({
  name: 'profiles.change-many-by-key',
  scope: 'section',
  allow: 'everyone',
  input: z.object({
    sectionId: SectionIdSchema,
    keyspaceId: KeyspaceIdSchema,
    changes: z
      .array(Change)
      .min(1, 'Name at least one change.')
      .max(BATCH_MAX, `At most ${BATCH_MAX.toLocaleString('en-GB')} changes a call.`),
    /** Whether people who get the tags enter the flows that listen for them. */
    startsFlows: z.boolean().default(true),
  }),
  run: async ({ tx, actor, accountId }, { changes, startsFlows, ...input }) => {
    const profileKey = await openKeyspace(tx, actor, accountId, input);
    const tags = await findTags(tx, profileKey, [...new Set(changes.map(({ tag }) => tag))], { toChange: true });
    const read = changes.map(({ key, tag, apply }): Accepted | RefusalData => {
      try {
        return { tagId: allowedTag(tags, profileKey, tag, 'write'), key: storedKey(profileKey, key), apply };
      } catch (error) {
        if (error instanceof Refusal) return error.toData();
        throw error;
      }
    });
    const accepted = read.filter((item) => 'tagId' in item);
    const { applied, removed, notMade } = await changeByKeys(tx, actor, profileKey, accepted, {
      operationId: null,
      startsFlows,
    });
    const outcomes = read.map((item): Outcome => {
      if (!('tagId' in item)) return { ok: false, refusal: item };
      if (notMade.has(item.key)) return { ok: false, refusal: reasonNotCreated(profileKey.keyspace) };
      return { ok: true, tagId: item.tagId };
    });
    return { outcomes, applied, removed };
  },
  // The ledger records the change and the API key.
  audit: () => null,
});

/**
 * Changes tags by normalised keys. Creates missing profiles for keys to which a tag is applied. If a profile and tag
 * are named twice, the last change counts. `notMade`: unknown keys for which no profile can be created (`whyNotMade`).
 */
export async function changeByKeys(
  tx: Tx,
  actor: Actor,
  profileKey: InKeyspace,
  changes: readonly Accepted[],
  starts: Starts,
): Promise<Changed & { created: number; notMade: Set<string> }> {
  const keys = [...new Set(changes.map(({ key }) => key))];
  const people = sql`select profile_id from (${holdersOf(profileKey, keys)}) holder`;
  return changingPeople(tx, { sectionId: profileKey.sectionId, ...starts }, people, () =>
    changeKeys(tx, actor, profileKey, changes, keys, starts),
  );
}

type Starts = { operationId: OperationId | null; startsFlows: boolean };

async function changeKeys(
  tx: Tx,
  actor: Actor,
  profileKey: InKeyspace,
  changes: readonly Accepted[],
  keys: readonly string[],
  { operationId, startsFlows }: Starts,
): Promise<Changed & { created: number; notMade: Set<string> }> {
  const known = await findProfiles(tx, profileKey, keys);
  await requireExisting(tx, profileKey.sectionId, [...known.values()]);
  const kept = isKept(profileKey.keyspace.kind);
  const missing = new Set(changes.flatMap(({ key, apply }) => ((apply || !kept) && !known.has(key) ? [key] : [])));
  const made = await createMissing(tx, actor, profileKey, [...missing], operationId);
  const pairs = new Map<string, { profileId: ProfileId; tagId: TagId; apply: boolean }>();
  for (const { key, tagId, apply } of changes) {
    const profileId = known.get(key) ?? made.get(key)?.id;
    if (profileId !== undefined) pairs.set(`${profileId}:${tagId}`, { profileId, tagId, apply });
  }
  const wanted = [...pairs.values()];
  const column = <Key extends keyof (typeof wanted)[number]>(name: Key) => wanted.map((pair) => pair[name]);
  const changed = await changeTags(
    tx,
    {
      sectionId: profileKey.sectionId,
      source: 'api',
      userId: actorUserId(actor),
      apiKeyId: actorApiKeyId(actor),
      operationId,
      startsFlows,
    },
    wantedPairs(
      sql`select * from unnest(${column('profileId')}::bigint[], ${column('tagId')}::int[], ${column('apply')}::boolean[])
          wanted (profile_id, tag_id, apply)`,
      { removes: wanted.some(({ apply }) => !apply) },
    ),
  );
  const notMade = new Set([...missing].filter((key) => !made.has(key)));
  return { ...changed, created: [...made.values()].filter(({ created }) => created).length, notMade };
}
