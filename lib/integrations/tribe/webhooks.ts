// Webhooks of Tribe (crm-apis §5.7). How it signs them is not certain, so each delivery carries a header of our own with the secret.
import { z } from 'zod';
import type { Delivery, Hint } from '../connector';
import { CrmError } from '../crm-error';
import { readJson } from '../json';
import { isSame, jsonIn } from '../signature';
import type { Client } from './client';

const SECRET_HEADER = 'x-tagwell-secret';
/** What is registered: a webhook is for one type. */
const TYPES = ['Relation.Person', 'Relationship.Person.Contact.Standard'];

const Registered = z.union([
  z.object({ id: z.string() }),
  z.object({ ID: z.string() }).transform(({ ID: id }) => ({ id })),
]);

/** Registers one webhook per type, and returns their ids. The names in the body are [I]. */
export async function registerWebhooks(client: Client, address: string, secret: string): Promise<string[]> {
  const ids: string[] = [];
  for (const entityType of TYPES) {
    const answer = await client.send('webhooks', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ entityType, url: address, headers: { [SECRET_HEADER]: secret }, secret }),
    });
    ids.push(readJson(answer, Registered).id);
  }
  return ids;
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
