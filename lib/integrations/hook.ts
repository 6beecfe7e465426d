// Where a CRM announces that something has changed: an address with a token of its own, and a secret that deliveries prove to know.
import { randomBytes } from 'node:crypto';
import { z } from 'zod';
import { isLocalOrigin } from '@/lib/config/installation';
import { seal, unsealIfReadable } from '@/lib/config/seal';
import type { ConnectionId, SectionId } from '@/lib/db/ids';
import { maybeOne, sql, type Db } from '@/lib/db/sql';
import type { AnyConnector, Session } from './connector';
import { connectorNamed } from './connectors';
import type { OpenConnection } from './queries';
import { openSession } from './session';

const SealedSchema = z.object({ token: z.string(), secret: z.string() });
type Sealed = z.output<typeof SealedSchema>;

/** A token and a secret that nobody can guess. Letters, digits, - and _ only, so that they can be part of an address. */
export const newHookKeys = (): Sealed => ({
  token: randomBytes(24).toString('base64url'),
  secret: randomBytes(32).toString('base64url'),
});

export const sealHookKeys = (keys: Sealed): Buffer<ArrayBuffer> => seal(JSON.stringify(keys));

/** Undefined if they were sealed under another secret of the installation. */
export function unsealHookKeys(sealed: Buffer): Sealed | undefined {
  const text = unsealIfReadable(sealed);
  return text === undefined ? undefined : SealedSchema.parse(JSON.parse(text));
}

type Place = { sectionId: SectionId; connectionId: ConnectionId };

/** A webhook of a connection. `registrations`: what the CRM calls it; `confirmedAt`: when it had registered it. */
export type Hook = Place &
  Sealed & {
    sealed: Buffer;
    byHand: boolean;
    origin: string;
    registrations: string[];
    confirmedAt: Date | null;
    heardAt: Date | null;
  };

/** The webhook of a connection. Undefined if there is none, or nobody can read its keys any more. */
export async function findHook(db: Db, { sectionId, connectionId }: Place): Promise<Hook | undefined> {
  const found = await maybeOne<Omit<Hook, keyof Sealed>>(
    db,
    sql`
      select section_id as "sectionId", connection_id as "connectionId", sealed, by_hand as "byHand", origin, registrations,
        confirmed_at as "confirmedAt", heard_at as "heardAt"
      from connection_hook
      where section_id = ${sectionId} and connection_id = ${connectionId}`,
  );
  const keys = found && unsealHookKeys(found.sealed);
  return found && keys && { ...found, ...keys };
}

/** The address that the CRM calls, without a slash at its end. */
export const hookAddress = ({
  origin,
  sectionId,
  connectionId,
  token,
}: Omit<Place & Sealed, 'secret'> & { origin: string }) => `${origin}/hooks/crm/${sectionId}-${connectionId}-${token}`;

/** The parts of the name in such an address; undefined if it is none. */
export function readHookName(name: string): (Place & { token: string }) | undefined {
  const parts = /^([1-9]\d{0,8})-([1-9]\d{0,8})-([\w-]{20,60})$/.exec(name);
  return parts
    ? { sectionId: Number(parts[1]) as SectionId, connectionId: Number(parts[2]) as ConnectionId, token: parts[3]! }
    : undefined;
}

/** `crm`: Tagwell registers the address there; `hand`: a person enters it. */
export const HOOK_WAYS = ['crm', 'hand'] as const;
export type HookWay = (typeof HOOK_WAYS)[number];

/** How a connection's CRM can announce changes; nothing if it cannot. Makes no call. */
export function hookWays(connection: Pick<OpenConnection, 'kind' | 'settings' | 'secrets'>): HookWay[] {
  const { connector, session } = openSession(connection, []);
  return waysOf(connector, session);
}

const waysOf = ({ readWebhook, webhooksByHand }: AnyConnector, { registerWebhooks }: Session): HookWay[] =>
  readWebhook ? [...(registerWebhooks ? (['crm'] as const) : []), ...(webhooksByHand ? (['hand'] as const) : [])] : [];

/** How the announcements of a CRM are set up, for an Admin. Times are ISO 8601. `isLocal`: no CRM on the internet reaches us. */
export type HookView = {
  crm: string;
  ways: HookWay[];
  isLocal: boolean;
  origin: string;
  /** Null: switched off. */
  on: {
    way: HookWay;
    /** The CRM has not confirmed it, because the process stopped in between. */
    isUnfinished: boolean;
    heardAt: string | null;
    /** The CRM calls another address than that of this installation now. */
    formerOrigin: string | null;
    /** What a person enters in the CRM; null if Tagwell registers it. The secret is in one of them. */
    byHand: { words: string; address: string; key: string | null } | null;
  } | null;
};

/** `origin`: under which this installation is reached from outside. */
export function hookView(connection: OpenConnection, hook: Hook | undefined, origin: string): HookView {
  const { name: crm, webhooksByHand } = connectorNamed(connection.kind);
  const view = { crm, ways: hookWays(connection), isLocal: isLocalOrigin(origin), origin };
  if (!hook) return { ...view, on: null };
  const address = hookAddress(hook);
  const isKey = webhooksByHand?.secretIn === 'key';
  return {
    ...view,
    on: {
      way: hook.byHand ? 'hand' : 'crm',
      isUnfinished: !hook.byHand && hook.confirmedAt === null,
      heardAt: hook.heardAt?.toISOString() ?? null,
      formerOrigin: hook.origin === origin ? null : hook.origin,
      byHand:
        hook.byHand && webhooksByHand
          ? {
              words: webhooksByHand.words,
              address: isKey ? address : `${address}/${hook.secret}`,
              key: isKey ? hook.secret : null,
            }
          : null,
    },
  };
}
