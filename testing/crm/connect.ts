// Opens connectors on made-up CRMs, without waiting: the clock is the simulator's.
import type {
  Connector,
  ContactRecord,
  Contacts,
  ManualDefinition,
  ReadEnd,
  Session,
} from '@/lib/integrations/connector';
import { openHttp, type HttpOptions } from '@/lib/integrations/http';
import type { Simulator } from './server';

/** A session of a connector. `settings` and `secrets` are as the form sends them. */
export function connect<Settings, Secrets>(
  connector: Connector<Settings, Secrets>,
  simulator: Simulator,
  { settings, secrets, manual = [] }: { settings: unknown; secrets: unknown; manual?: readonly ManualDefinition[] },
  options: HttpOptions = {},
): Session {
  process.env.TAGWELL_ALLOW_PRIVATE_ADDRESSES = '127.0.0.1';
  const parsed = { settings: connector.settings.parse(settings), secrets: connector.secrets.parse(secrets) };
  const http = openHttp({
    hosts: connector.hosts(parsed.settings),
    limit: connector.limit(parsed.settings, parsed.secrets),
    options: { clock: simulator.clock, timeoutMs: 1_000, ...options },
  });
  return connector.open({ ...parsed, manual }, http);
}

/** Everything that a read yields, and its end. */
export async function readAll(contacts: Contacts): Promise<{ contacts: ContactRecord[]; ids: string[]; end: ReadEnd }> {
  const found: ContactRecord[] = [];
  for (;;) {
    const next = await contacts.next();
    if (next.done) return { contacts: found, ids: found.map(({ id }) => id), end: next.value };
    found.push(...next.value);
  }
}

/** The same of a read of changes. */
export async function readChanges<End>(
  changes: AsyncGenerator<ContactRecord[], End, void>,
): Promise<{ contacts: ContactRecord[]; end: End }> {
  const found: ContactRecord[] = [];
  for (;;) {
    const next = await changes.next();
    if (next.done) return { contacts: found, end: next.value };
    found.push(...next.value);
  }
}
