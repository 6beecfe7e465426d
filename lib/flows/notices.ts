// To whom a flow's notices go: people who work here. Others get them only where an Admin has published the flow, as a notice has any text, and asks
// nobody for consent or approval.
import type { Actor } from '@/lib/access/actor';
import { mayAct } from '@/lib/access/policy';
import type { FlowId, SectionId } from '@/lib/db/ids';
import { one, rows, sql, type Db } from '@/lib/db/sql';
import { sendersOn } from '@/lib/sending/queries';
import type { FlowProblem } from './problems';
import { allSteps, type FlowDocument } from './schema';

/** What keeps notices from being sent, for who would publish the flow. Nothing, if it sends none. */
export async function noticeProblems(
  { db, actor, sectionId }: { db: Db; actor: Actor; sectionId: SectionId },
  { steps }: FlowDocument,
): Promise<FlowProblem[]> {
  const notices = allSteps(steps).flatMap((step) => (step.kind === 'notify' ? [step] : []));
  if (notices.length === 0) return [];
  const known = await workingHere(
    db,
    sectionId,
    notices.flatMap(({ to }) => to),
  );
  const senders = await sendersOn(db, sectionId, 'email');
  return notices.flatMap(({ id, to }): FlowProblem[] => {
    const other = mayAct(actor, 'integrators') ? undefined : to.find((address) => !known.active.has(lower(address)));
    const about = { stepId: id, place: 'steps' as const };
    return [
      ...(other === undefined ? [] : [{ ...about, words: onlyAdmins(other), must: true }]),
      ...(senders.length > 0 ? [] : [{ ...about, words: NO_SENDER, must: false }]),
    ];
  });
}

const onlyAdmins = (address: string) =>
  `${address} is nobody’s who works here. Only Account Owners and Admins can publish a flow that writes to others. Ask one of them.`;
const NO_SENDER = 'This section has no sender for email, so nobody gets this notice. People go on after a day.';

/** Those of the addresses that may be told by a version of a flow now. Somebody who has left the account is told nothing more. */
export async function allowedAddresses(
  db: Db,
  { sectionId, flowId, version }: { sectionId: SectionId; flowId: FlowId; version: number },
  to: readonly string[],
): Promise<string[]> {
  const { active, gone } = await workingHere(db, sectionId, to);
  const others = to.filter((address) => !active.has(lower(address)) && !gone.has(lower(address)));
  if (others.length === 0) return to.filter((address) => active.has(lower(address)));
  const { byAdmin } = await one<{ byAdmin: boolean }>(
    db,
    sql`
      select version.created_by is null or coalesce(app_user.role in ('owner', 'admin'), false) as "byAdmin"
      from flow_version version
      left join app_user on app_user.id = version.created_by
      where version.section_id = ${sectionId} and version.flow_id = ${flowId} and version.version = ${version}`,
  );
  return to.filter((address) => active.has(lower(address)) || (byAdmin && !gone.has(lower(address))));
}

const lower = (address: string) => address.toLowerCase();

/** The addresses of users of the account, in small letters: of those who may sign in, and of those who may no longer. */
async function workingHere(
  db: Db,
  sectionId: SectionId,
  addresses: readonly string[],
): Promise<{ active: Set<string>; gone: Set<string> }> {
  const found = await rows<{ email: string; active: boolean }>(
    db,
    sql`
      select lower(app_user.email) as email, app_user.deactivated_at is null as active
      from section
      join app_user on app_user.account_id = section.account_id
      where section.id = ${sectionId} and lower(app_user.email) = any(${addresses.map(lower)}::text[])`,
  );
  const of = (wanted: boolean) => new Set(found.flatMap(({ email, active }) => (active === wanted ? [email] : [])));
  return { active: of(true), gone: of(false) };
}
