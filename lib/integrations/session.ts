// Opens a connection: its connector, with the settings and secrets that were stored.
import type { AnyConnector, Session } from './connector';
import { connectorNamed } from './connectors';
import { CrmError } from './crm-error';
import { openHttp, type HttpOptions } from './http';
import type { ConnectionId, SectionId } from '@/lib/db/ids';
import type { Db } from '@/lib/db/sql';
import { openConnection, type KeptList, type OpenConnection } from './queries';
import { cut } from './redact';
import { takeTurn } from './turns';

/** `http`: times and limits, which tests shorten. `hidden`: what no message may contain, beside the connection's own secrets. */
export type SessionOptions = { signal?: AbortSignal; http?: HttpOptions; hidden?: readonly string[] };

type Stored = Pick<OpenConnection, 'kind' | 'settings' | 'secrets'>;

/** A session, and the number of calls that it has made. Makes no call yet. */
export function openSession(
  connection: Stored,
  lists: readonly Pick<KeptList, 'externalId' | 'name' | 'manual'>[],
  { signal, http: options, hidden = [] }: SessionOptions = {},
): { connector: AnyConnector; session: Session; calls: () => number } {
  const connector = connectorNamed(connection.kind);
  const settings = connector.settings.parse(connection.settings);
  if (connection.secrets === null) return { connector, session: WITHOUT_SECRETS, calls: () => 0 };
  const secrets = connector.secrets.parse(connection.secrets);
  const http = openHttp({
    hosts: connector.hosts(settings),
    limit: connector.limit(settings, secrets),
    takeTurn,
    // As they were entered, and as they are sent.
    redact: [...textsIn(connection.secrets), ...textsIn(secrets), ...hidden],
    signal,
    options,
  });
  const manual = lists.flatMap(({ externalId, name, manual: definition }) =>
    definition === null ? [] : [{ id: externalId, name, definition }],
  );
  const session = withCleanErrors(connector.open({ settings, secrets, manual }, http), http.clean);
  return { connector, session, calls: () => http.calls };
}

const SECRETS_LOST =
  'The credentials cannot be read: TAGWELL_SECRET has changed since they were entered. Enter them again.';

const refuseCall = (): never => {
  throw new CrmError('credentials', SECRETS_LOST);
};

/** Makes no call: the credentials cannot be read. */
const WITHOUT_SECRETS: Session = {
  check: async () => ({ ok: false, reason: 'credentials', message: SECRETS_LOST }),
  describeFields: async () => refuseCall(),
  listLists: async () => refuseCall(),
  findList: async () => refuseCall(),
  readMembers: refuseCall,
  close: async () => undefined,
};

const textsIn = (values: unknown): string[] =>
  Object.values(values as Record<string, unknown>).filter((value) => typeof value === 'string');

/** Characters of a message: the longest of our own words, and some of the CRM's. */
const MESSAGE_MAX = 600;

/** Connectors quote the CRM: here credentials are taken out of what they say went wrong, and it is cut. */
function withCleanErrors(session: Session, clean: (text: string) => string): Session {
  const messageOf = (text: string) => cut(clean(text), MESSAGE_MAX);
  const cleaned = (error: unknown): unknown =>
    // Without its cause and its stack, which repeat the message.
    error instanceof CrmError ? new CrmError(error.kind, messageOf(error.message), { status: error.status }) : error;
  const guarded = async <T>(work: () => Promise<T>): Promise<T> => {
    try {
      return await work();
    } catch (error) {
      throw cleaned(error);
    }
  };
  async function* pages<Page, End>(read: () => AsyncGenerator<Page, End, void>): AsyncGenerator<Page, End, void> {
    try {
      return yield* read();
    } catch (error) {
      throw cleaned(error);
    }
  }
  const { readChanged, registerWebhooks, removeWebhooks } = session;
  return {
    check: () =>
      guarded(async () => {
        const check = await session.check();
        return check.ok ? check : { ...check, message: messageOf(check.message) };
      }),
    describeFields: () => guarded(() => session.describeFields()),
    listLists: () => guarded(() => session.listLists()),
    findList: (externalId) => guarded(() => session.findList(externalId)),
    readMembers: (list, fields) => pages(() => session.readMembers(list, fields)),
    ...(readChanged && { readChanged: (cursor, fields) => pages(() => readChanged(cursor, fields)) }),
    ...(registerWebhooks && {
      registerWebhooks: (address, secret) => guarded(() => registerWebhooks(address, secret)),
    }),
    ...(removeWebhooks && { removeWebhooks: (registrations) => guarded(() => removeWebhooks(registrations)) }),
    close: () => guarded(() => session.close()),
  };
}

/** Whether the CRM of a connection can say which contacts have changed. Makes no call; false if its settings are no longer valid. */
export async function tellsChanges(db: Db, sectionId: SectionId, id: ConnectionId): Promise<boolean> {
  const connection = await openConnection(db, sectionId, id);
  if (!connection) return false;
  const { settings, secrets } = connectorNamed(connection.kind);
  const isValid = settings.safeParse(connection.settings).success && secrets.safeParse(connection.secrets).success;
  return isValid && openSession(connection, []).session.readChanged !== undefined;
}
