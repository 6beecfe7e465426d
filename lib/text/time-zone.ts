// Time zones by name, as browsers and PostgreSQL both understand them.
import { z } from 'zod';

const isTimeZone = (name: string) => {
  try {
    new Intl.DateTimeFormat('en', { timeZone: name });
    return true;
  } catch {
    return false;
  }
};
/** Browsers accept these in any case; PostgreSQL does not, or reads them as something else. */
const UNKNOWN_ZONES = /^(SystemV\/.*|US\/Pacific-New|Canada\/East-Saskatchewan)$/i;
/**
 * UTC, or an IANA name such as Europe/Stockholm. Browsers also accept offsets ('+02:00') and abbreviations ('BST'), but PostgreSQL
 * reads them differently or not at all.
 */
export const TimeZoneSchema = z
  .string()
  .refine(
    (name) =>
      name === 'UTC' ||
      (name.length <= 60 && /^[A-Za-z]+\//.test(name) && !UNKNOWN_ZONES.test(name) && isTimeZone(name)),
    'This time zone does not exist. Use one such as Europe/Stockholm.',
  );
