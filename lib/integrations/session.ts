// Opens a connection: its connector, with the settings and secrets that were stored.
import type { AnyConnector, Session } from './connector';
import { connectorNamed } from './connectors';
import { openHttp, type HttpOptions } from './http';
import type { ConnectionId, SectionId } from '@/lib/db/ids';
import type { Db } from '@/lib/db/sql';
import { openConnection, type KeptList, type OpenConnection } from './queries';

/** `http`: times and limits, which tests shorten. */
export type SessionOptions = { signal?: AbortSignal; http?: HttpOptions };

type Stored = Pick<OpenConnection, 'kind' | 'settings' | 'secrets'>;

/** A session, and the number of calls that it has made. Makes no call yet. */
export function openSession(
  connection: Stored,
  lists: readonly Pick<KeptList, 'externalId' | 'name' | 'manual'>[],
  { signal, http: options }: SessionOptions = {},
): { connector: AnyConnector; session: Session; calls: () => number } {
  const connector = connectorNamed(connection.kind);
  const settings = connector.settings.parse(connection.settings);
  const secrets = connector.secrets.parse(connection.secrets);
  const http = openHttp({
    hosts: connector.hosts(settings),
    limit: connector.limit(settings, secrets),
    redact: Object.values(connection.secrets as Record<string, unknown>).filter((value) => typeof value === 'string'),
    signal,
    options,
  });
  const manual = lists.flatMap(({ externalId, name, manual: definition }) =>
    definition === null ? [] : [{ id: externalId, name, definition }],
  );
  const session = connector.open({ settings, secrets, manual }, http);
  return { connector, session, calls: () => http.calls };
}

/** Whether the CRM of a connection can say which contacts have changed. Makes no call; false if its settings are no longer valid. */
export async function tellsChanges(db: Db, sectionId: SectionId, id: ConnectionId): Promise<boolean> {
  const connection = await openConnection(db, sectionId, id);
  if (!connection) return false;
  const { settings, secrets } = connectorNamed(connection.kind);
  const isValid = settings.safeParse(connection.settings).success && secrets.safeParse(connection.secrets).success;
  return isValid && openSession(connection, []).session.readChanged !== undefined;
}
