// Opens a connection: its connector, with the settings and secrets that were stored.
import type { AnyConnector, Session } from './connector';
import { connectorNamed } from './connectors';
import { openHttp, type HttpOptions } from './http';
import type { KeptList, OpenConnection } from './queries';

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
