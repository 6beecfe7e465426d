// Into which flows how many would come by a change of tags that a client is going to make. Who would come tells who has tags, so of a flow that uses tags
// that the client may not read, no number is said.
import { z } from 'zod';
import { query } from '@/lib/access/query';
import { refuse, Refusal } from '@/lib/access/refusal';
import type { ClientActor } from '@/lib/access/actor';
import { KeyspaceIdSchema, SectionIdSchema, type FlowId, type TagId } from '@/lib/db/ids';
import { sql, type Db } from '@/lib/db/sql';
import { addEntries, countEntries, countFresh, type EntriesState, type FlowEntries } from '@/lib/flows/entries';
import { allowedTag, findTags, TagRef } from '@/lib/profiles/allowed-operations';
import { findProfiles, openKeyspace, storedKey, type InKeyspace } from '@/lib/profiles/keyspace';
import { isKept } from '@/lib/profiles/keys';
import { memberIds } from '@/lib/segments/compile';
import { clientOf } from './client';
import { requireReadableFlow } from './flows';
import { openByRef, requireReadable } from './segments';
import { JOB_KEYS_MAX } from './tag-jobs';

/** `enters`, `unsure`: null if the client may not read a tag that the flow uses. */
export type EntriesForClient = {
  flowId: FlowId;
  name: string;
  state: EntriesState;
  enters: number | null;
  unsure: number | null;
};

const InKeyspaceOfClient = z.object({ sectionId: SectionIdSchema, keyspaceId: KeyspaceIdSchema });
const Tags = z.object({
  apply: z.array(TagRef).max(50, 'At most 50 tags a job.').default([]),
  remove: z.array(TagRef).max(50, 'At most 50 tags a job.').default([]),
});
const key = z.string().max(1_000);

/** Of the same tags on a list of profiles, as a job changes them. Keys that no profile has count as the profiles that it would make. */
export const countEntriesByKeys = query({
  name: 'clients.count-entries-by-keys',
  scope: 'section',
  allow: 'readers',
  timeLimit: 'slow',
  input: InKeyspaceOfClient.extend({ keys: z.array(key).min(1).max(JOB_KEYS_MAX), ...Tags.shape }),
  run: async ({ db, actor, accountId }, { keys, apply, remove, ...where }) => {
    const profileKey = await openKeyspace(db, actor, accountId, where);
    const change = await allowedChange(db, profileKey, { apply, remove });
    const found = await entriesOf(db, profileKey, [{ ...change, keys: storedKeys(profileKey, keys) }]);
    return forClient(db, clientOf(actor), profileKey, found);
  },
});

/** Of a set of changes, each of one tag on one profile. Those that would be refused are left out. */
export const countEntriesOfSet = query({
  name: 'clients.count-entries-of-set',
  scope: 'section',
  allow: 'readers',
  timeLimit: 'slow',
  input: InKeyspaceOfClient.extend({
    changes: z
      .array(z.object({ key, tag: TagRef, apply: z.boolean() }))
      .min(1)
      .max(1_000),
  }),
  run: async ({ db, actor, accountId }, { changes, ...where }) => {
    const profileKey = await openKeyspace(db, actor, accountId, where);
    const tags = await findTags(db, profileKey, [...new Set(changes.map(({ tag }) => tag))]);
    const ofKeys = new Map<string, Map<TagId, boolean>>();
    for (const { key: given, tag, apply } of changes) {
      const [stored] = storedKeys(profileKey, [given]);
      const tagId = unlessRefused(() => allowedTag(tags, profileKey, tag, 'write'));
      if (stored === undefined || tagId === undefined) continue;
      ofKeys.set(stored, (ofKeys.get(stored) ?? new Map<TagId, boolean>()).set(tagId, apply));
    }
    const found = await entriesOf(db, profileKey, together(ofKeys));
    return forClient(db, clientOf(actor), profileKey, found);
  },
});

/** Of tags on everybody in a segment, as a job changes them. */
export const countEntriesBySegment = query({
  name: 'clients.count-entries-by-segment',
  scope: 'section',
  allow: 'readers',
  timeLimit: 'slow',
  input: InKeyspaceOfClient.extend({ segment: z.string().max(300), ...Tags.shape }),
  run: async ({ db, actor, accountId }, { segment, apply, remove, ...where }) => {
    const profileKey = await openKeyspace(db, actor, accountId, where);
    const change = await allowedChange(db, profileKey, { apply, remove });
    const { rules, definitions, name, discriminator } = await openByRef(db, where.sectionId, segment);
    await requireReadable(db, actor, profileKey, [{ name, discriminator, rules, definitions }]);
    const now = new Date();
    const people = memberIds({ sectionId: where.sectionId, definitions, now }, rules);
    const found = await countEntries(db, where.sectionId, people, { ...change, value: null, source: 'api' }, now);
    return forClient(db, clientOf(actor), profileKey, found);
  },
});

type Change = { apply: TagId[]; remove: TagId[] };

async function allowedChange(
  db: Db,
  profileKey: InKeyspace,
  { apply, remove }: z.output<typeof Tags>,
): Promise<Change> {
  if (apply.length + remove.length === 0) refuse('invalid', 'Name at least one tag in `apply` or `remove`.');
  const tags = await findTags(db, profileKey, [...apply, ...remove]);
  const ids = (refs: readonly string[]) => refs.map((ref) => allowedTag(tags, profileKey, ref, 'write'));
  return { apply: ids(apply), remove: ids(remove) };
}

const storedKeys = (profileKey: InKeyspace, keys: readonly string[]): string[] => [
  ...new Set(keys.flatMap((one) => unlessRefused(() => storedKey(profileKey, one)) ?? [])),
];

function unlessRefused<Value>(make: () => Value): Value | undefined {
  try {
    return make();
  } catch (error) {
    if (error instanceof Refusal) return undefined;
    throw error;
  }
}

/** Those with the same change, in one group. */
function together(ofKeys: ReadonlyMap<string, ReadonlyMap<TagId, boolean>>): (Change & { keys: string[] })[] {
  const groups = new Map<string, Change & { keys: string[] }>();
  for (const [stored, changes] of ofKeys) {
    const ids = (wanted: boolean) =>
      [...changes].flatMap(([id, apply]) => (apply === wanted ? [id] : [])).sort((one, other) => one - other);
    const [apply, remove] = [ids(true), ids(false)];
    const name = `${apply.join()} ${remove.join()}`;
    const group = groups.get(name) ?? { apply, remove, keys: [] };
    group.keys.push(stored);
    groups.set(name, group);
  }
  return [...groups.values()];
}

async function entriesOf(
  db: Db,
  profileKey: InKeyspace,
  groups: readonly (Change & { keys: readonly string[] })[],
): Promise<FlowEntries[]> {
  const { sectionId, keyspace } = profileKey;
  const now = new Date();
  let all: FlowEntries[] = [];
  for (const { keys, apply, remove } of groups) {
    const known = await findProfiles(db, profileKey, keys);
    const people = sql`select distinct unnest(${[...known.values()]}::bigint[]) as profile_id`;
    const change = { apply, remove, value: null, source: 'api' as const };
    const made = apply.length > 0 && isKept(keyspace.kind) ? keys.length - known.size : 0;
    all = addEntries(all, await countEntries(db, sectionId, people, change, now));
    all = addEntries(all, await countFresh(db, sectionId, made, change, now));
  }
  return all;
}

async function forClient(
  db: Db,
  client: ClientActor,
  profileKey: InKeyspace,
  found: readonly FlowEntries[],
): Promise<EntriesForClient[]> {
  const all: EntriesForClient[] = [];
  for (const { flowId, name, state, enters, unsure = 0 } of found) {
    const flow = { id: flowId, name };
    const asked = requireReadableFlow(db, client, { sectionId: profileKey.sectionId, flow, keyspaces: [profileKey] });
    const isReadable = await asked.then(
      () => true,
      (error: unknown) => {
        if (error instanceof Refusal) return false;
        throw error;
      },
    );
    all.push({ flowId, name, state, enters: isReadable ? enters : null, unsure: isReadable ? unsure : null });
  }
  return all;
}
