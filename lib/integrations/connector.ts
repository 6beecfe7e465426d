// What Tagwell asks of a CRM. One folder beside this file is one connector; the sync engine knows this interface only.
import type { z } from 'zod';
import type { Http, RateLimit } from './http';

/** The kinds of lists that CRMs have. `manual`: an Admin wrote its definition, see `ManualDefinition`. */
export const LIST_KINDS = [
  'campaign',
  'filter',
  'overview',
  'static',
  'dynamic',
  'selection',
  'label',
  'profile',
  'query',
  'list',
  'manual',
] as const;
export type ListKind = (typeof LIST_KINDS)[number];

/** A list as the CRM has it now. Its identity is `externalId`, never its name. */
export type CrmList = {
  /** Unique in the connection, stable when the list is renamed: the kind and the CRM's id, such as `static:4f0c…`. */
  externalId: string;
  name: string;
  kind: ListKind;
  /** What its members are. Only `contact` lists can be kept, others if the connection's settings say how. */
  memberType: 'contact' | 'lead' | 'organisation' | 'mixed';
  /** False if the CRM says that it is switched off. */
  active: boolean;
  /** The CRM's own count of members. `exact`: an exact read of now; otherwise a cached or capped number. */
  count?: { members: number; exact: boolean };
  /** The query behind it, if it has one. A changed text makes the removal guard stricter. */
  definition?: string;
  /** Why it cannot be read faithfully, for a person: 'Its filter uses “me”, which would be the API user.' */
  problem?: string;
  /** What to look at, though it can be read: 'It has a relative date: set the time zone of the application user.' */
  caution?: string;
};

/** The types of fields, the same for all CRMs. */
export const FIELD_TYPES = [
  'text',
  'integer',
  'decimal',
  'boolean',
  'date',
  'date_time',
  'choice',
  'choices',
  'reference',
] as const;
export type FieldType = (typeof FIELD_TYPES)[number];

/** A field of contacts. */
export type CrmField = {
  /** As `ContactRecord.fields` names it. */
  name: string;
  label: string;
  type: FieldType;
  required: boolean;
  maxLength?: number;
  /** Of choices: stored values and their texts. */
  options?: { value: string; label: string }[];
};

/**
 * A normalised value: text; a number; true or false; a date as `2026-11-25`; a time as ISO 8601 in UTC; a choice or a
 * reference as its stored value; several choices as an array. Null if empty. What cannot be parsed stays as it came, as
 * text.
 */
export type FieldValue = string | number | boolean | string[] | null;

/** A contact as the CRM has it. */
export type ContactRecord = {
  /** Which of the CRM's kinds of contacts, such as `person` or `lead`. With `id` its identity in the connection. */
  entity: string;
  id: string;
  /** What the CRM calls the person; absent if it has no name, or none was read. For people who look at a run. */
  name?: string;
  /** In the order in which they are tried. As written, but trimmed and split; the sync normalises them. */
  emails: string[];
  phones: string[];
  fields: Record<string, FieldValue>;
  /** False if it is deactivated: then it is no member of anything. */
  active: boolean;
  /** The contact that it was merged into. */
  mergedInto?: string;
};

/**
 * The end of a read. A generator that returns this has read everything; one that throws has not, and nothing may be
 * concluded from what is missing.
 */
export type ReadEnd = {
  /** Contacts yielded, each once. */
  seen: number;
  /** The CRM's count at the time of the read, if it gives one. */
  declared?: { members: number; exact: boolean };
  /** Contacts that were on the list and could not be read (deleted in between), and organisations left out. */
  skipped: number;
};

/** Pages of contacts, in any order, without repeats; then the end. Throws `CrmError` if any page fails. */
export type Contacts = AsyncGenerator<ContactRecord[], ReadEnd, void>;

/** The result of testing a connection. `message`: what is wrong and what to do, with the vendor's text. */
export type Check =
  | {
      ok: true;
      /** Who is signed in, for people. */
      account: string;
      /** Changes with the API user, who may see other contacts: then removals wait for an answer. */
      identity: string;
      /** What the identity is made of. `credentials`: the CRM does not say who its user is, so new ones look like another user. */
      identifies: 'user' | 'credentials';
    }
  | { ok: false; reason: 'credentials' | 'permission' | 'unreachable' | 'wrong_address'; message: string };

/** Contacts changed since a cursor. */
export type ChangedEnd = {
  /** For the next read. Opaque; belongs to the requested fields. */
  nextCursor: string;
  deletedIds: string[];
};

/** The lists of a CRM, and whether all could be read: a list missing from an incomplete read is not gone. */
export type Lists = {
  lists: CrmList[];
  complete: boolean;
  /** What a person should know: 'This site does not publish its filters. Add one as a manual list.' */
  notes: string[];
};

/** A definition that an Admin wrote because the CRM does not publish its lists. `id`: the list's external id. Its text is the connector's language. */
export type ManualDefinition = { id: string; name: string; definition: string };

/**
 * A call of a webhook. `path`: what follows the address that was registered, without a slash at its beginning. A CRM that signs
 * nothing is registered with the secret there.
 */
export type Delivery = { headers: Record<string, string>; body: string; path?: string };

/** A webhook's content after its check: at most a hint that these contacts changed. */
export type Hint = { contactIds: string[] };

/** One connection in use. */
export type Session = {
  check: () => Promise<Check>;
  /** The fields that contacts can bring along. */
  describeFields: () => Promise<CrmField[]>;
  listLists: () => Promise<Lists>;
  /** A list by its id as it is now, or null if it is gone. Cheaper than `listLists` where the CRM allows. */
  findList: (externalId: string) => Promise<CrmList | null>;
  /** All members of a list, now. `fields`: names from `describeFields`. */
  readMembers: (list: CrmList, fields: readonly string[]) => Contacts;
  /**
   * Contacts changed since a cursor; null: begins one. Throws `CrmError` of kind `cursor_expired` if all must be read
   * again. Absent where the CRM cannot do it.
   */
  readChanged?: (cursor: string | null, fields: readonly string[]) => AsyncGenerator<ContactRecord[], ChangedEnd, void>;
  /** Registers the address for changes of contacts. Returns what `removeWebhooks` needs. Absent where it cannot. */
  registerWebhooks?: (address: string, secret: string) => Promise<string[]>;
  removeWebhooks?: (registrations: readonly string[]) => Promise<void>;
  /** Ends what the CRM keeps open for us. */
  close: () => Promise<void>;
};

/** A setting as the form shows it. All are sent and stored as text, a switch as 'true' or 'false'; see also `initialValue`. */
export type SettingField = {
  name: string;
  label: string;
  hint?: string;
  example?: string;
  kind: 'text' | 'secret' | 'choice' | 'switch' | 'long_text';
  /** A secret that is no password: it can be read while it is entered. */
  legible?: boolean;
  options?: { value: string; label: string }[];
  /** Hidden behind 'More settings'. */
  advanced?: boolean;
};

/** A connector. `Settings`: parsed from the form and the database; `secrets` are sealed at rest. */
export type Connector<Settings = unknown, Secrets = unknown> = {
  /** Stable: stored with connections. */
  kind: string;
  /** 'Microsoft Dynamics 365' */
  name: string;
  /** How its lists are called: 'Marketing lists'. */
  listWords: string;
  /** The prefix of tags: 'Dynamics' makes 'Dynamics: Trade Show 2025'. */
  prefix: string;
  /** With a message for a person at each problem. */
  settings: z.ZodType<Settings>;
  secrets: z.ZodType<Secrets>;
  form: readonly SettingField[];
  /** The language of manual definitions, and why one is not usable, or null. Absent if it has no manual lists. */
  manual?: { words: string; hint: string; problem: (definition: string) => string | null };
  /** The vendor's limit, and the key that its calls are counted by, such as the host or the token. */
  limit(settings: Settings, secrets: Secrets): RateLimit;
  /** Whether a delivery is genuine. Absent if the CRM sends none. Never throws. `secret`: letters, digits, - and _. */
  readWebhook?: (delivery: Delivery, secret: string) => Hint | null;
  /**
   * How a person sets up webhooks in the CRM. `secretIn`: the secret follows the address, or is a key of its own to sign with.
   * Absent if only `registerWebhooks` does it.
   */
  webhooksByHand?: { words: string; secretIn: 'address' | 'key' };
  /** The hosts that calls may go to. Next links to any other are refused. */
  hosts(settings: Settings): string[];
  /** What tells this CRM from others, also at the same host: elsewhere the IDs of contacts are those of other people. */
  site(settings: Settings): string[];
  /** Opens a session. Makes no call yet. */
  open(connection: { settings: Settings; secrets: Secrets; manual: readonly ManualDefinition[] }, http: Http): Session;
};

/**
 * Hides the types of settings, for the list of all connectors: parse what was stored before it is passed on. (Methods above, not
 * properties, let every connector be one.)
 */
export type AnyConnector = Connector<unknown, unknown>;
