// Webhooks of Tribe (crm-apis §5.7). How it signs them is not certain, so each delivery carries a header of our own with the secret.
import { z } from 'zod';
import type { Delivery, Hint } from '../connector';
import { CrmError } from '../crm-error';
import { readJson } from '../json';
import { isSame, jsonIn } from '../signature';
import type { Client } from './client';

const SECRET_HEADER = 'x-tagwell-secret';
const PERSONS = 'Relation.Person';
/** [I] That webhooks exist for relationships: the vendor's documents name persons and organisations. */
const CONTACTS = 'Relationship.Person.Contact.Standard';

/** [I] The answer to a registration. */
const Registered = z.union([
  z.object({ id: z.string() }),
  z.object({ ID: z.string() }).transform(({ ID: id }) => ({ id })),
]);

/** Registers one webhook per type, and returns their ids. The body is that of the vendor's own client. */
export async function registerWebhooks(client: Client, address: string, secret: string): Promise<string[]> {
  const register = async (entityType: string) => {
    const headers = [{ name: SECRET_HEADER, value: secret }];
    const answer = await client.send('webhooks', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ entityType, webhookUrl: address, headers }),
    });
    return readJson(answer, Registered).id;
  };
  const persons = await register(PERSONS);
  try {
    return [persons, await register(CONTACTS)];
  } catch (error) {
    // Then changes of business addresses are found by the next sync.
    if (error instanceof CrmError && error.kind === 'refused') return [persons];
    await removeWebhooks(client, [persons]).catch(() => undefined);
    throw error;
  }
}

export async function removeWebhooks(client: Client, registrations: readonly string[]): Promise<void> {
  for (const id of registrations) {
    try {
      await client.send(`webhooks/${encodeURIComponent(id)}`, { method: 'DELETE', repeatable: true });
    } catch (error) {
      // Somebody may have removed it there.
      if (!(error instanceof CrmError) || error.kind !== 'missing') throw error;
    }
  }
}

const Notice = z.object({
  payload: z.object({ entityId: z.string().optional(), relationshipId: z.string().optional() }),
});

/** A delivery's persons. A relationship's id is none: it wakes a sync, and says nothing about who. */
export function readWebhook({ headers, body }: Delivery, secret: string): Hint | null {
  const given = Object.entries(headers).find(([name]) => name.toLowerCase() === SECRET_HEADER)?.[1] ?? '';
  if (!isSame(given, secret)) return null;
  const parsed = Notice.safeParse(jsonIn(body));
  if (!parsed.success) return null;
  const { entityId } = parsed.data.payload;
  return { contactIds: entityId ? [entityId.toLowerCase()] : [] };
}
