// The public address of a form. It names the section, so that the form is looked up in one place.
import { randomInt } from 'node:crypto';
import { SectionIdSchema, type SectionId } from '@/lib/db/ids';

/** Without letters and digits that look alike: people read addresses from paper. */
const LETTERS = 'abcdefghjkmnpqrstuvwxyz23456789';
const CODE_LENGTH = 10;
const PATH = /^\/f\/([0-9a-z]{1,6})-([a-z2-9]{10})$/;

/** A code for a new form. Nobody can guess the address of one that was not shared. */
export const newCode = (): string =>
  Array.from({ length: CODE_LENGTH }, () => LETTERS[randomInt(LETTERS.length)]).join('');

/** Where a form is: `/f/3-k7mq2x9hfa`. */
export const formPath = ({ sectionId, code }: { sectionId: SectionId; code: string }): string =>
  `/f/${sectionId.toString(36)}-${code}`;

/** What a path names; null if it is not that of a form. */
export function readFormPath(path: string): { sectionId: SectionId; code: string } | null {
  const [, section, code] = PATH.exec(path) ?? [];
  if (section === undefined || code === undefined) return null;
  const sectionId = SectionIdSchema.safeParse(parseInt(section, 36));
  return sectionId.success ? { sectionId: sectionId.data, code } : null;
}
