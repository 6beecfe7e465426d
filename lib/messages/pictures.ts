// Pictures of a section's messages: uploaded here, and given to whoever has the address, since a mail program does not sign in. The
// browser has made them small enough for mails before it sends them.
import { createHash, randomUUID } from 'node:crypto';
import { z } from 'zod';
import { actorUserId } from '@/lib/access/actor';
import { command } from '@/lib/access/command';
import { InSection } from '@/lib/access/declared';
import { refuse } from '@/lib/access/refusal';
import type { SectionId } from '@/lib/db/ids';
import { pool } from '@/lib/db/pool';
import { execute, maybeOne, one, sql } from '@/lib/db/sql';
import { readPicture, type PictureType } from './picture-file';

const PICTURES_MAX = 5_000;

/** `source`: as it stands in a document. `bytes`: its size. */
export type StoredPicture = { source: string; width: number; height: number; bytes: number };

/** Keeps a picture; the same one again is kept once. Refuses what is no PNG, JPEG or GIF, whatever it calls itself. */
export const addPicture = command({
  name: 'messages.add-picture',
  scope: 'section',
  allow: 'everyone',
  input: InSection.extend({ name: z.string().trim().max(200).default(''), bytes: z.instanceof(Uint8Array) }),
  run: async ({ tx, actor }, { sectionId, name, bytes }): Promise<StoredPicture> => {
    const picture = readPicture(bytes);
    if (!picture) refuse('invalid', 'This is no picture that mail programs show: use PNG, JPEG or GIF.');
    const { count } = await one<{ count: number }>(
      tx,
      sql`select count(*)::int as count from picture where section_id = ${sectionId}`,
    );
    if (count >= PICTURES_MAX)
      refuse('conflict', `A section has at most ${PICTURES_MAX.toLocaleString('en-GB')} pictures.`);
    const hash = createHash('sha256').update(bytes).digest();
    await execute(
      tx,
      sql`
        insert into picture (section_id, id, name, type, width, height, bytes, hash, created_by, created_at)
        values (${sectionId}, ${randomUUID()}, ${name}, ${picture.type}, ${picture.width}, ${picture.height}, ${bytes},
          ${hash}, ${actorUserId(actor)}, ${new Date()})
        on conflict (section_id, hash) do nothing`,
    );
    const { id } = await one<{ id: string }>(
      tx,
      sql`select id from picture where section_id = ${sectionId} and hash = ${hash}`,
    );
    const { width, height } = picture;
    return { source: `/i/${sectionId}/${id}`, width, height, bytes: bytes.length };
  },
  audit: () => null,
});

/** A picture by its address. Who has the address may see it. */
export function openPicture(sectionId: SectionId, id: string) {
  return maybeOne<{ type: PictureType; bytes: Buffer }>(
    pool(),
    sql`select type, bytes from picture where section_id = ${sectionId} and id = ${id}::uuid`,
  );
}
