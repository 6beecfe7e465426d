// What a CRM has at this moment, for the pages where an Admin chooses lists and fields. Asks the CRM, outside of any transaction.
import { refuse } from '@/lib/access/refusal';
import type { ConnectionId, ConnectionListId, SectionId } from '@/lib/db/ids';
import type { Db } from '@/lib/db/sql';
import { NAME_MAX, nameKey } from '@/lib/naming/names';
import type { AnyConnector, CrmField, CrmList, ListKind, Session } from './connector';
import { CrmError } from './crm-error';
import { tagsNamed, type NamedTag } from './named-tags';
import { keptLists, openConnection, type KeptList } from './queries';
import { openSession } from './session';

/** Somebody waits for the answer. */
const PATIENCE_MS = 60_000;

type Asked = { sectionId: SectionId; connectionId: ConnectionId; signal: AbortSignal | undefined };
type Open = { session: Session; connector: AnyConnector; kept: readonly KeptList[]; name: string };

/** Asks the CRM of a connection. Refuses with `unavailable` and its reason if it does not answer, or not in time. */
async function askCrm<Answer>(
  db: Db,
  { sectionId, connectionId, signal }: Asked,
  ask: (open: Open) => Promise<Answer>,
): Promise<Answer> {
  const connection = await openConnection(db, sectionId, connectionId);
  if (!connection) return refuse('not_found', 'This connection does not exist, or it has been removed.');
  const kept = await keptLists(db, sectionId, connectionId);
  const patience = AbortSignal.timeout(PATIENCE_MS);
  const { session, connector } = openSession(connection, kept, {
    signal: signal ? AbortSignal.any([signal, patience]) : patience,
  });
  try {
    return await ask({ session, connector, kept, name: connection.name });
  } catch (error) {
    if (!(error instanceof CrmError)) throw error;
    return refuse('unavailable', patience.aborted ? SLOW : error.message);
  } finally {
    await session.close().catch(() => undefined);
  }
}

const SLOW = 'The CRM did not answer within a minute. Try again later.';

/**
 * A list that can be chosen. `tagName`: the name proposed for its tag, no longer than names may be, and different from that of other
 * lists; `existing`: the tag that has this name already. `kept`: it keeps a tag already.
 */
export type AvailableList = {
  externalId: string;
  name: string;
  kind: ListKind;
  active: boolean;
  members: number | null;
  problem: string | null;
  caution: string | null;
  kept: ConnectionListId | null;
  tagName: string;
  existing: NamedTag | null;
};

/** The lists of a CRM now. `complete`: whether all could be read; `notes`: what a person should know about that. */
export type AvailableLists = { lists: AvailableList[]; complete: boolean; notes: string[] };

export async function availableLists(db: Db, asked: Asked): Promise<AvailableLists> {
  const { lists, complete, notes, kept, prefix } = await askCrm(
    db,
    asked,
    async ({ session, connector, kept, name }) => ({
      ...(await session.listLists()),
      kept,
      // The connector contract serves any system, so the connection's name says more.
      prefix: connector.kind === 'generic' ? name : connector.prefix,
    }),
  );
  const keptIds = new Map(kept.map((list) => [list.externalId, list.id]));
  const named = withTagNames(prefix, lists);
  const taken = await tagsNamed(
    db,
    asked.sectionId,
    named.map(({ tagName }) => tagName),
  );
  const available = named.map(({ list, tagName }) => ({
    externalId: list.externalId,
    name: list.name,
    kind: list.kind,
    active: list.active,
    members: list.count?.members ?? null,
    problem: list.problem ?? (list.memberType === 'organisation' || list.memberType === 'lead' ? NO_CONTACTS : null),
    caution: list.caution ?? null,
    kept: keptIds.get(list.externalId) ?? null,
    tagName,
    existing: taken.get(nameKey(tagName)) ?? null,
  }));
  return { lists: available, complete, notes };
}

const NO_CONTACTS = 'Its members are not contacts, so there is nobody to tag.';

/** Mailing 9 comes before Mailing 10. */
const byName = new Intl.Collator('en', { numeric: true });

/** Names for the tags of lists; lists of one name get a number. */
function withTagNames(prefix: string, lists: readonly CrmList[]): { list: CrmList; tagName: string }[] {
  const used = new Set<string>();
  return [...lists]
    .sort((one, other) => byName.compare(one.name, other.name))
    .map((list) => {
      const named = (suffix: string) => {
        const room = NAME_MAX - suffix.length;
        return `${[...`${prefix}: ${list.name}`].slice(0, room).join('').trim()}${suffix}`;
      };
      let tagName = named('');
      for (let number = 2; used.has(nameKey(tagName)); number += 1) tagName = named(` (${number})`);
      used.add(nameKey(tagName));
      return { list, tagName };
    });
}

/** The fields of contacts that a CRM has now, by label. */
export async function availableFields(db: Db, asked: Asked): Promise<CrmField[]> {
  const fields = await askCrm(db, asked, ({ session }) => session.describeFields());
  return [...fields].sort((one, other) => one.label.localeCompare(other.label));
}
