// Limits of uploads: how many at once, and how many bytes may be stored waiting to be imported.
import { actorApiKeyId, actorUserId, type Actor } from '@/lib/access/actor';
import { refuse } from '@/lib/access/refusal';
import { environment } from '@/lib/config/environment';
import { UPLOADS } from '@/lib/config/limits';
import type { ImportId, SectionId } from '@/lib/db/ids';
import { one, sql, type Db } from '@/lib/db/sql';

const MB = 1_048_576;
/** Bytes of an upload between two checks of the quota. */
const CHECK_EVERY_BYTES = 16 * MB;

const uploading = new Map<string, number>();

/** Admits an upload, or refuses if too many are in progress. Returns the function that releases it. */
export function enterUpload(actor: Actor): () => void {
  const who = `${actorUserId(actor) ?? 'key'}:${actorApiKeyId(actor) ?? ''}`;
  const own = uploading.get(who) ?? 0;
  if (own >= UPLOADS.perPerson) {
    refuse(
      'too_many_requests',
      `You are uploading ${UPLOADS.perPerson} files already. Wait until one of them has arrived.`,
    );
  }
  if ([...uploading.values()].reduce((sum, count) => sum + count, 0) >= UPLOADS.atOnce) {
    refuse('too_many_requests', 'Many files are being uploaded just now. Upload this one again in a minute.');
  }
  uploading.set(who, own + 1);
  return () => {
    const left = uploading.get(who)! - 1;
    if (left > 0) uploading.set(who, left);
    else uploading.delete(who);
  };
}

/** Passes on the bytes of an import while there is room. Refuses with what takes up the room, and what to do. */
export async function* withinQuota(
  db: Db,
  file: { sectionId: SectionId; importId: ImportId },
  bytes: AsyncIterable<Uint8Array>,
): AsyncGenerator<Uint8Array> {
  let room = 0;
  for await (const piece of bytes) {
    if (room < piece.length)
      room = Math.max(piece.length, Math.min(CHECK_EVERY_BYTES, await roomFor(db, file, piece.length)));
    room -= piece.length;
    yield piece;
  }
}

type WaitingUploads = {
  person: number;
  section: number;
  total: number;
  files: { name: string; bytes: number; own: boolean }[];
};

/** The number of bytes that may still arrive. Refuses if `wanted` is too much. */
async function roomFor(
  db: Db,
  { sectionId, importId }: { sectionId: SectionId; importId: ImportId },
  wanted: number,
): Promise<number> {
  const settings = environment();
  const limits = {
    person: settings.TAGWELL_UPLOADS_PER_PERSON_MB * MB,
    section: settings.TAGWELL_UPLOADS_PER_SECTION_MB * MB,
    total: settings.TAGWELL_UPLOADS_MB * MB,
  };
  // The length of TOASTed values is known without reading them.
  const waiting = await one<WaitingUploads>(
    db,
    sql`
      with file as (
        select import.file_name as name, import.user_id = mine.user_id as own, import.id = mine.id as this,
          sum(octet_length(chunk.bytes)) as bytes
        from import mine
        join import on import.section_id = mine.section_id
        join import_chunk chunk on chunk.section_id = import.section_id and chunk.import_id = import.id
        where mine.section_id = ${sectionId} and mine.id = ${importId}
        group by import.id, import.file_name, import.user_id, mine.user_id, mine.id)
      select coalesce(sum(bytes) filter (where own), 0)::float8 as person, coalesce(sum(bytes), 0)::float8 as section,
        (select coalesce(sum(octet_length(bytes)), 0)::float8 from import_chunk) as total,
        coalesce((select jsonb_agg(jsonb_build_object('name', name, 'bytes', bytes, 'own', coalesce(own, false)) order by bytes desc)
                  from file where not this), '[]') as files
      from file`,
  );
  if (waiting.person + wanted > limits.person) {
    refuse(
      'too_many_requests',
      tooMuch(
        'Your uploads in this section',
        limits.person,
        waiting.files.filter(({ own }) => own),
      ),
    );
  }
  if (waiting.section + wanted > limits.section) {
    refuse('too_many_requests', tooMuch('The uploads in this section', limits.section, waiting.files));
  }
  if (waiting.total + wanted > limits.total) {
    refuse(
      'too_many_requests',
      `The uploads that wait on this server may take ${megabytes(limits.total)}, and this one does not fit. Import or discard what waits under Imports, or ask the person who runs this server for more space (TAGWELL_UPLOADS_MB).`,
    );
  }
  return Math.min(limits.person - waiting.person, limits.section - waiting.section, limits.total - waiting.total);
}

function tooMuch(whose: string, limit: number, files: WaitingUploads['files']): string {
  const named = files.slice(0, 3).map(({ name, bytes }) => `“${name}” (${megabytes(bytes)})`);
  const more = files.length > 3 ? ` and ${files.length - 3} more` : '';
  const waits =
    files.length > 0
      ? ` Waiting: ${named.join(', ')}${more}. Import or discard some of them under Imports, then`
      : ' Split it, then';
  return `${whose} may take ${megabytes(limit)} while they wait, and this one does not fit.${waits} upload it again.`;
}

function megabytes(bytes: number): string {
  return `${Math.max(1, Math.round(bytes / MB)).toLocaleString('en-GB')} MB`;
}
