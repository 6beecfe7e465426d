// Pictures of a section's messages: uploaded here, and given to anyone who has the address, since a mail program does not sign in. The
// browser has made them small enough for mails before it sends them. They are kept in the database, or in the operator's storage: each where it was put.
import { createHash, randomUUID } from 'node:crypto';
import { z } from 'zod';
import { actorUserId, type Actor } from '@/lib/access/actor';
import { command } from '@/lib/access/command';
import { admit, InSection, refused } from '@/lib/access/declared';
import { refuse, type Result } from '@/lib/access/refusal';
import { BODY, STORAGE } from '@/lib/config/limits';
import type { SectionId } from '@/lib/db/ids';
import { pool } from '@/lib/db/pool';
import { execute, maybeOne, one, sql, type Db } from '@/lib/db/sql';
import { objectStore, StorageError, type ObjectStore } from '@/lib/outbound/object-store';
import { PICTURE_TYPES, readPicture, type PictureType } from './picture-file';

const PICTURES_MAX = 5_000;

/** `source`: as it stands in a document. `bytes`: its size. */
export type StoredPicture = { source: string; width: number; height: number; bytes: number };

const DECLARED = {
  name: 'messages.add-picture',
  scope: 'section',
  allow: 'everyone',
  input: InSection.extend({ name: z.string().trim().max(200).default(''), bytes: z.instanceof(Uint8Array) }),
} as const;

/**
 * Keeps a picture; the same one again is kept once. Refuses what is no PNG, JPEG or GIF, whatever it calls itself. Its row is written once
 * the storage has it, so the upload is in no transaction: what a crash leaves there has the same key when it comes again.
 */
export async function addPicture(actor: Actor, raw: unknown): Promise<Result<StoredPicture>> {
  try {
    const { input } = await admit(DECLARED, actor, raw);
    const { sectionId, name, bytes } = input;
    const picture = readPicture(bytes);
    if (!picture) return refuse('invalid', 'This is no picture that mail programs show: use PNG, JPEG or GIF.');
    const hash = createHash('sha256').update(bytes).digest();
    const known = await byHash(pool(), sectionId, hash);
    if (!known) await requireRoom(pool(), sectionId);
    const store = known ? undefined : objectStore();
    const stored = store
      ? await upload(store, `pictures/${sectionId}/${hash.toString('hex')}`, bytes, picture.type)
      : null;
    return await keepPicture(actor, { sectionId, name, ...picture, hash, bytes, stored });
  } catch (error) {
    return refused(error);
  }
}

/** Writes the row of a picture, unless there is one. `stored`: its key in the storage; null: the database keeps its bytes. */
export const keepPicture = command({
  ...DECLARED,
  input: DECLARED.input.extend({
    type: z.enum(PICTURE_TYPES),
    width: z.int().positive(),
    height: z.int().positive(),
    hash: z.instanceof(Uint8Array),
    stored: z.string().nullable(),
  }),
  run: async ({ tx, actor }, { sectionId, name, type, width, height, hash, bytes, stored }): Promise<StoredPicture> => {
    const source = (id: string) => ({ source: `/i/${sectionId}/${id}`, width, height, bytes: bytes.length });
    const known = await byHash(tx, sectionId, hash);
    if (known) return source(known.id);
    await requireRoom(tx, sectionId);
    await execute(
      tx,
      sql`
        insert into picture (section_id, id, name, type, width, height, bytes, stored, hash, created_by, created_at)
        values (${sectionId}, ${randomUUID()}, ${name}, ${type}, ${width}, ${height}, ${stored === null ? bytes : null}, ${stored},
          ${hash}, ${actorUserId(actor)}, ${new Date()})
        on conflict (section_id, hash) do nothing`,
    );
    return source((await byHash(tx, sectionId, hash))!.id);
  },
  audit: () => null,
});

const byHash = (db: Db, sectionId: SectionId, hash: Uint8Array) =>
  maybeOne<{ id: string }>(db, sql`select id from picture where section_id = ${sectionId} and hash = ${hash}`);

async function requireRoom(db: Db, sectionId: SectionId): Promise<void> {
  const { count } = await one<{ count: number }>(
    db,
    sql`select count(*)::int as count from picture where section_id = ${sectionId}`,
  );
  if (count >= PICTURES_MAX)
    refuse('conflict', `A section has at most ${PICTURES_MAX.toLocaleString('en-GB')} pictures.`);
}

/** Puts a picture into the storage, and believes it when it comes back. Returns its key. */
async function upload(store: ObjectStore, key: string, bytes: Uint8Array, type: PictureType): Promise<string> {
  try {
    await store.put(key, bytes, type);
    const read = await store.get(key, bytes.length);
    if (read && Buffer.from(read).equals(bytes)) return key;
    return notKept('It did not give back what it was given.');
  } catch (error) {
    if (error instanceof StorageError) return notKept(error.message);
    throw error;
  }
}

const notKept = (why: string) =>
  refuse(
    'unavailable',
    `The picture could not be kept. ${why} Try again, or tell the person who runs this installation.`,
  );

export type OpenPicture = { type: PictureType; bytes: Uint8Array };

/** A picture by its address; undefined: there is none. Who has the address may see it. Throws `StorageError` while the storage does not give it. */
export async function openPicture(sectionId: SectionId, id: string): Promise<OpenPicture | undefined> {
  const found = await maybeOne<{ type: PictureType; bytes: Buffer | null; stored: string | null; hash: Buffer }>(
    pool(),
    sql`select type, bytes, stored, hash from picture where section_id = ${sectionId} and id = ${id}::uuid`,
  );
  if (!found) return undefined;
  const { type, bytes, stored, hash } = found;
  return { type, bytes: bytes ?? (await fromStorage(stored!, hash)) };
}

/** The pictures that were asked for last, as the storage gave them or is about to. */
const kept = new Map<string, Promise<Uint8Array>>();
let keptBytes = 0;

async function fromStorage(key: string, hash: Buffer): Promise<Uint8Array> {
  let found = kept.get(key);
  if (found) {
    // The last one used is the last one to go.
    kept.delete(key);
    kept.set(key, found);
    return found;
  }
  found = download(key, hash);
  kept.set(key, found);
  try {
    const bytes = await found;
    keptBytes += bytes.length;
    await makeRoom();
    return bytes;
  } catch (error) {
    kept.delete(key);
    throw error;
  }
}

async function makeRoom(): Promise<void> {
  for (const [key, bytes] of kept) {
    if (keptBytes <= STORAGE.keptBytes) return;
    kept.delete(key);
    keptBytes -= (await bytes.catch(() => new Uint8Array())).length;
  }
}

async function download(key: string, hash: Buffer): Promise<Uint8Array> {
  const store = objectStore();
  if (!store) throw new StorageError('A picture is in a storage that is no longer set (TAGWELL_S3_…).');
  const bytes = await store.get(key, BODY.picture);
  if (!bytes) throw new StorageError('The storage has lost a picture.');
  if (!createHash('sha256').update(bytes).digest().equals(hash))
    throw new StorageError('The storage gave another picture.');
  return bytes;
}
