// What a failed call says about a connection that is being tested.
import type { Check } from './connector';
import { CrmError, type CrmErrorKind } from './crm-error';

const REASONS: Partial<Record<CrmErrorKind, Extract<Check, { ok: false }>['reason']>> = {
  credentials: 'credentials',
  permission: 'permission',
  unreachable: 'unreachable',
  throttled: 'unreachable',
};

/** Anything that is no `CrmError` is thrown again, and so is a cancelled call. */
export function checkFailed(error: unknown): Check {
  if (!(error instanceof CrmError) || error.kind === 'cancelled') throw error;
  const { kind, status, message } = error;
  const notHere = `This address answered ${status}, so it may not be that of the CRM. Check the address.`;
  return { ok: false, reason: REASONS[kind] ?? 'wrong_address', message: kind === 'missing' ? notHere : message };
}
