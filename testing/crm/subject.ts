// A connector and the made-up CRM that it is tested against.
import { expect } from 'vitest';
import type {
  ChangedEnd,
  Connector,
  ContactRecord,
  CrmList,
  ManualDefinition,
  ReadEnd,
  Session,
} from '@/lib/integrations/connector';
import { CrmError } from '@/lib/integrations/crm-error';
import { openHttp, type Http, type HttpOptions } from '@/lib/integrations/http';
import type { World } from './population';
import type { Simulator } from './server';

export type Subject<Settings, Secrets> = {
  connector: Connector<Settings, Secrets>;
  /** As the form gives them. */
  settings: unknown;
  secrets: Record<string, unknown>;
  manual?: readonly ManualDefinition[];
  simulator: Simulator;
  world: World;
  /** Members of one page. The matrix reads lists of a few pages: keep it small. */
  pageSize: number;
  /** The calls that read members page by page: a regular expression for 'GET /path?query', percent-decoded. */
  pages: string;
  /** The call that gets a token. Absent if a key goes along with each call. */
  login?: string;
  /** The external id of a list of the world. */
  listOf: (id: string) => string;
  /** The most calls that reading so many members may take, with the sign-in. */
  plan: (members: number) => number;
  /** Answers have links to the next page. */
  nextLinks: boolean;
  /** Answers say whether there is more, so a short page is nothing special. */
  saysMore?: true;
  /** The test of a connection looks up the fields that its settings name. */
  checksFields?: true;
  /** Lists can be switched off. */
  deactivates: boolean;
  /** Contacts can be switched off. */
  deactivatesContacts: boolean;
  /** Fields: a day of birth, the last name. */
  fields: { birthday?: string; lastName: string };
  /** Takes the field away from the API user. */
  hideField?: (name: string) => void;
  /** Takes the record of a contact away from the API user, while lists still name it. Absent if lists give the records themselves. */
  hideContact?: (id: string) => void;
  /** The changed contacts: whether deletions are among them, and how cursors come to expire. */
  changes?: { deletions: boolean; expire?: () => void };
};

let connections = 0;

/** A session of the subject, with limits of its own, on the simulator's clock. */
export function openSession<Settings, Secrets>(
  { connector, settings, secrets, manual = [], simulator }: Subject<Settings, Secrets>,
  { signal, ...options }: HttpOptions & { signal?: AbortSignal } = {},
): { session: Session; http: Http; concurrency: number } {
  const parsed = { settings: connector.settings.parse(settings), secrets: connector.secrets.parse(secrets), manual };
  connections += 1;
  const limit = { ...connector.limit(parsed.settings, parsed.secrets), key: `matrix ${connections}` };
  const http = openHttp({
    hosts: connector.hosts(parsed.settings),
    limit,
    redact: secretsOf(secrets),
    signal,
    options: { clock: simulator.clock, ...options },
  });
  return { session: connector.open(parsed, http), http, concurrency: limit.concurrency };
}

const secretsOf = (secrets: Record<string, unknown>) =>
  Object.values(secrets).filter((value): value is string => typeof value === 'string' && value.length > 5);

export type WholeRead = { contacts: ContactRecord[]; ids: string[]; end: ReadEnd; pages: number };

/** Reads a list by its external id to the end. */
export async function readAll(
  session: Session,
  externalId: string,
  fields: readonly string[] = [],
): Promise<WholeRead> {
  const list = await session.findList(externalId);
  if (!list) throw new Error(`There is no list ${externalId}.`);
  return readList(session, list, fields);
}

export async function readList(session: Session, list: CrmList, fields: readonly string[] = []): Promise<WholeRead> {
  const contacts: ContactRecord[] = [];
  const reading = session.readMembers(list, fields);
  for (let pages = 0; ; pages += 1) {
    const step = await reading.next();
    if (step.done) return { contacts, ids: contacts.map(({ id }) => id).toSorted(), end: step.value, pages };
    contacts.push(...step.value);
  }
}

/** Reads what changed to the end. */
export async function readChanges(
  session: Session,
  cursor: string | null,
  fields: readonly string[] = [],
): Promise<{ contacts: ContactRecord[]; ids: string[] } & ChangedEnd> {
  const contacts: ContactRecord[] = [];
  const reading = session.readChanged!(cursor, fields);
  for (;;) {
    const step = await reading.next();
    if (step.done) return { contacts, ids: contacts.map(({ id }) => id).toSorted(), ...step.value };
    contacts.push(...step.value);
  }
}

/** How it failed. Fails if it did not, or with anything but a `CrmError` in words for a person and without secrets. */
export async function failureOf(work: Promise<unknown>, secrets: Record<string, unknown>): Promise<CrmError> {
  const error = await work.then(
    () => new Error('It did not fail.'),
    (failed: unknown) => failed,
  );
  if (!(error instanceof CrmError)) throw error;
  for (const secret of secretsOf(secrets)) expect(`${error.message} ${error.stack}`).not.toContain(secret);
  expect(error.message).toMatch(/^(webCRM|\P{Ll}).+[.”]$/u);
  return error;
}
