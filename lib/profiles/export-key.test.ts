import { expect, it } from 'vitest';
import type { ProfileId, SectionId } from '@/lib/db/ids';
import { protectedFromFormulas } from '@/lib/export/formulas';
import { exportKey, profileIdFromExportKey } from './export-key';

const sectionId = 1 as SectionId;

it('a key of Export is written into files as it is, and leads back to its profile in its section only', () => {
  for (let id = 1; id <= 500; id++) {
    const key = exportKey(sectionId, id as ProfileId);
    expect(protectedFromFormulas(key)).toBe(key);
    expect(profileIdFromExportKey(sectionId, key)).toBe(id);
    expect(profileIdFromExportKey(2 as SectionId, key)).toBeUndefined();
  }
});
