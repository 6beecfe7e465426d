// The made-up CRM that a demo installation offers, so that a visitor without a CRM sees lists become tags. It is connected like any
// other system of the connector contract; only its address, which nobody else can have, tells it apart.
import type { Actor } from '@/lib/access/actor';
import { InSection } from '@/lib/access/declared';
import type { Result } from '@/lib/access/refusal';
import type { ConnectionId, SectionId } from '@/lib/db/ids';
import { MADE_UP_ORIGIN, madeUpCrm } from '@/lib/outbound/made-up-crm';
import { connectCrm } from './connect';

/** The page on which a visitor changes the lists of the made-up CRM of a section; null where there is no made-up CRM. */
export function madeUpPage(section: SectionId): string | null {
  const running = madeUpCrm();
  return running && `http://127.0.0.1:${running.port}/${section}`;
}

/** Connects a section to its made-up CRM. Answers and refuses as `connectCrm`; with `invalid` where there is no made-up CRM. */
export async function connectMadeUpCrm(
  actor: Actor,
  raw: unknown,
  options: { requestId?: string } = {},
): Promise<Result<{ id: ConnectionId; account: string }>> {
  const sectionId = InSection.safeParse(raw).data?.sectionId ?? null;
  const settings = { address: `${MADE_UP_ORIGIN}/${sectionId}` };
  const secrets = { apiKey: madeUpCrm()?.apiKey ?? 'none' };
  return connectCrm(actor, { sectionId, kind: 'generic', name: 'Made-up CRM', settings, secrets }, options);
}
