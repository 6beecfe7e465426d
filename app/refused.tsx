// Shown by a page in place of data that the person may not read.
import { NotAllowed } from '@/components/shell/not-allowed';
import type { UserActor } from '@/lib/access/actor';
import type { RefusalData } from '@/lib/access/refusal';
import { readAdministrators } from '@/lib/accounts/reads';
import { valueForPage } from './value-for-page';

type Props = {
  actor: UserActor;
  /** What the page is for; if absent, the surrounding layout says whom to ask. */
  what?: string;
  refusal: RefusalData;
};

/** Says whom to ask if the person's role is insufficient, or that nothing was found. */
export async function Refused({ actor, what, refusal }: Props) {
  if (refusal.code !== 'not_allowed') return valueForPage<never>(Promise.resolve({ ok: false, refusal }));
  return what === undefined ? null : (
    <NotAllowed what={what} people={await valueForPage(readAdministrators(actor, {}))} />
  );
}
