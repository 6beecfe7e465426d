// The members of a segment as a CSV file.
import type { Actor } from '@/lib/access/actor';
import type { SectionId } from '@/lib/db/ids';
import { sql } from '@/lib/db/sql';
import { profilesFile } from '@/lib/profiles/export';
import type { Opened } from './definitions';
import { membersOf, type AsOf } from './members';

type ExportRequest = {
  /** Ids of columns; none: all. */
  columns: readonly string[];
  asOf?: AsOf;
  /** Aborted when the reader disconnects. */
  signal?: AbortSignal;
};

/** The lines of the file. Refuses unknown columns, and more files at once than are allowed. */
export const exportMembers = (
  who: { actor: Actor; sectionId: SectionId },
  opened: Opened,
  { asOf, ...reader }: ExportRequest,
): Promise<AsyncGenerator<string>> =>
  profilesFile(
    who,
    (columns) => sql`
      select ${columns}
      from (${membersOf(who.sectionId, opened, asOf)}) members
      join profile on profile.section_id = ${who.sectionId} and profile.id = members.profile_id`,
    reader,
  );
