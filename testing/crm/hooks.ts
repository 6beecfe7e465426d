// The announcements of a made-up CRM, from the registration to the contacts that they name.
import { expect } from 'vitest';
import type { Delivery, Hint, Session } from '@/lib/integrations/connector';
import { startReceiver, type Deliveries } from './deliveries';
import type { World } from './population';

type Hooked = { session: Session; world: World; deliveries: Deliveries };

/** A contact that is added, changed and deleted is announced each time, in a way that only who knows the secret believes; then no more. */
export async function expectAnnounced(
  { session, world, deliveries }: Hooked,
  readWebhook: (delivery: Delivery, secret: string) => Hint | null,
): Promise<void> {
  const receiver = await startReceiver();
  try {
    const registered = await session.registerWebhooks!(receiver.address, 'the secret');
    const id = world.addContact();
    world.changeContact(id, { lastName: 'Changed' });
    world.deleteContact(id);
    await deliveries.settled();
    await session.removeWebhooks!(registered);
    world.addContact();
    await deliveries.settled();
    const hints = receiver.received.map((delivery) => readWebhook(delivery, 'the secret'));
    expect(hints).toEqual([{ contactIds: [id] }, { contactIds: [id] }, { contactIds: [id] }]);
    expect(receiver.received.map((delivery) => readWebhook(delivery, 'another'))).toEqual([null, null, null]);
  } finally {
    await receiver.stop();
  }
}
