// Keys of the keyspace Export: an opaque text per profile, with which the reader of a file can refer to the profile.
// Nothing is stored. The key is the section and the profile's id, sealed under the installation's secret, so nobody else can make one.
import { sealDeterministic, unseal } from '@/lib/config/seal';
import type { ProfileId, SectionId } from '@/lib/db/ids';

const textOf = (sectionId: SectionId, profileId: ProfileId) => `profile ${sectionId} ${profileId}`;

/** The key of a profile in the keyspace Export. It stays the same for as long as the secret does. */
export const exportKey = (sectionId: SectionId, profileId: ProfileId): string =>
  sealDeterministic(textOf(sectionId, profileId)).toString('base64url');

/** The id in a key of this section; undefined where Tagwell did not make the key. The profile may be gone, or merged into another. */
export function profileIdFromExportKey(sectionId: SectionId, key: string): ProfileId | undefined {
  let text: string;
  try {
    text = unseal(Buffer.from(key, 'base64url'));
  } catch {
    return undefined;
  }
  const id = Number(text.split(' ').at(-1)) as ProfileId;
  return text === textOf(sectionId, id) && key === exportKey(sectionId, id) ? id : undefined;
}
