// Which channels' addresses an actor may know: those that are keys of a keyspace that it may use.
import type { Actor } from '@/lib/access/actor';
import { refuse } from '@/lib/access/refusal';
import { CHANNELS, type Channel } from '@/lib/consents/schema';
import type { Db } from '@/lib/db/sql';
import { usableKeyspaces } from '@/lib/profiles/keyspace';
import { KEY_OF_CHANNEL } from './schema';

/** The channels whose addresses the actor may read and write. */
export async function usableChannels(db: Db, actor: Actor): Promise<Channel[]> {
  if (actor.kind !== 'client' || actor.keyspaces === 'all') return [...CHANNELS];
  const usable = await usableKeyspaces(db, actor);
  return CHANNELS.filter((channel) => usable.some(({ kind }) => kind === KEY_OF_CHANNEL[channel]));
}

/** Refuses with `not_allowed` if the actor may not use the addresses of one of the channels. */
export async function requireChannels(db: Db, actor: Actor, channels: readonly Channel[]): Promise<void> {
  const usable = await usableChannels(db, actor);
  if (channels.every((channel) => usable.includes(channel))) return;
  refuse('not_allowed', 'This API key may not use the keyspace that these addresses are keys of.');
}
