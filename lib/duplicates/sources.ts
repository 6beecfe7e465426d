// Which attributes of a section hold what duplicates are found by.
import type { Attribute } from '@/lib/attributes/schema';
import { listAttributes } from '@/lib/attributes/queries';
import type { SectionId } from '@/lib/db/ids';
import type { Db } from '@/lib/db/sql';
import { columnKey, KEY_NAMES } from '@/lib/imports/column-names';
import type { Reason } from './schema';

/** The codes of the attributes with addresses, with phone numbers, and with the birthdays of names. */
export type Sources = Record<Reason, readonly string[]>;

/** Attributes that every section has. A CRM ID may be an email address. */
const EVERYWHERE: Sources = { email: ['email', 'crmid'], name: ['birthdate'], phone: ['mobile'] };

/** Whether an attribute's name, or its end, is one of these: 'Phone', 'Work phone', 'Phone 2'. */
function isNamed(name: string, known: readonly ReadonlySet<string>[]): boolean {
  const words = name
    .replace(/[\s\d]+$/u, '')
    .split(/\s+/u)
    .filter(Boolean);
  return words.some((_word, index) => {
    const key = columnKey(words.slice(index).join(' '));
    return known.some((names) => names.has(key));
  });
}

/** What the attributes can be compared by. */
export function sourcesOf(attributes: readonly Attribute[]): Sources {
  const own = attributes.filter(({ system, type }) => !system && type === 'text');
  const named = (...known: ReadonlySet<string>[]) =>
    own.filter(({ name }) => isNamed(name, known)).map(({ code }) => code);
  return {
    ...EVERYWHERE,
    email: [...EVERYWHERE.email, ...named(KEY_NAMES.email.sure)],
    phone: [...EVERYWHERE.phone, ...named(KEY_NAMES.mobile.sure, KEY_NAMES.mobile.perhaps)],
  };
}

/** What the section's visible attributes can be compared by now. */
export const readSources = async (db: Db, sectionId: SectionId): Promise<Sources> =>
  sourcesOf(await listAttributes(db, sectionId));
