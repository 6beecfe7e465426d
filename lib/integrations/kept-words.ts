// Why a list does not keep its tag now. Imports no server code, so that the browser can use it.
import type { ListStatus } from './schema';

/** 'the list was deleted'; null if the list keeps its tag. */
export const WHY_NOT_KEPT: Record<ListStatus, string | null> = {
  active: null,
  paused: 'the list is paused',
  inactive: 'the list is switched off in the CRM',
  missing: 'the CRM does not have the list',
  gone: 'the list was deleted',
  left: 'somebody stopped it',
};
