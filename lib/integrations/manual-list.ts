// Lists whose definition an Admin wrote, as lists of the CRM.
import type { CrmList, ManualDefinition } from './connector';

/** `remarks`: what reading its definition has shown. */
export const manualList = (
  { id, name, definition }: ManualDefinition,
  remarks: Pick<CrmList, 'problem' | 'caution'>,
): CrmList => ({
  externalId: id,
  name,
  kind: 'manual',
  memberType: 'contact',
  active: true,
  definition,
  ...(remarks.problem !== undefined && { problem: remarks.problem }),
  ...(remarks.caution !== undefined && { caution: remarks.caution }),
});
