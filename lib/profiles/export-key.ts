// Keys of the keyspace Export: an opaque text per profile, by which the reader of a file can refer to the profile. Not
// stored: the key is the section and the profile's id, sealed with the installation's secret, so nobody else can create
// one.
import { sealDeterministic, unsealIfReadable } from '@/lib/config/seal';
import type { ProfileId, SectionId } from '@/lib/db/ids';

const textOf = (sectionId: SectionId, profileId: ProfileId) => `profile ${sectionId} ${profileId}`;

/** Base64 may start with a dash, and a text that starts so is marked in CSV files, since it could be a formula. */
const START = 'p';

/** The key of a profile in the keyspace Export. It is stable as long as the secret is. */
export const exportKey = (sectionId: SectionId, profileId: ProfileId): string =>
  START + sealDeterministic(textOf(sectionId, profileId)).toString('base64url');

/**
 * The profile id in a key of this section; undefined if Tagwell did not create the key. The profile may have been
 * deleted or merged.
 */
export function profileIdFromExportKey(sectionId: SectionId, key: string): ProfileId | undefined {
  const text = unsealIfReadable(Buffer.from(key.slice(START.length), 'base64url'));
  if (text === undefined) return undefined;
  const id = Number(text.split(' ').at(-1)) as ProfileId;
  return text === textOf(sectionId, id) && key === exportKey(sectionId, id) ? id : undefined;
}
