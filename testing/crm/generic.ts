// A made-up system that serves the connector contract (apsis-one-api, end).
import { createHmac } from 'node:crypto';
import { Contract } from '@/demo/crm/contract';
import { json } from '@/demo/crm/wire';
import { Deliveries } from './deliveries';
import { mutationsOf, Population, type Change } from './population';
import { Simulator } from './server';

export const API_KEY = 'generic-key-of-the-simulator';

export type GenericSimulator = {
  simulator: Simulator;
  world: Population;
  hideField: (name: string) => void;
  hideContact: (id: string) => void;
  hooks: Contract['hooks'];
  deliveries: Deliveries;
};

export async function startGeneric(port?: number): Promise<GenericSimulator> {
  let world!: Population;
  let contract!: Contract;
  const deliveries = new Deliveries();

  function notify({ what, contactId }: Change): void {
    const operation = { created: 'created', deleted: 'deleted' }[what as string] ?? 'updated';
    const body = JSON.stringify([{ record_id: Number(contactId), operation }]);
    for (const [address, { secret }] of contract.hooks) {
      const signature = `sha256=${createHmac('sha256', secret).update(body).digest('hex')}`;
      deliveries.post(address, body, { 'x-justin-signature': signature });
    }
  }

  const simulator = await Simulator.start(({ now }) => {
    world = new Population(now);
    contract = new Contract({ records: world, apiKey: API_KEY });
    world.onChange = notify;
    return {
      answer: (request) => contract.answer(request),
      throttled: (retryAfter) =>
        json(
          429,
          { message: 'Too many requests' },
          retryAfter === undefined ? {} : { 'retry-after': String(retryAfter) },
        ),
      reset: (size) => {
        contract.hidden.clear();
        contract.unreadable.clear();
        contract.hooks.clear();
        world.reset(size);
      },
      mutations: mutationsOf(world),
    };
  }, port);
  return {
    simulator,
    world,
    hideField: (name) => contract.hidden.add(name),
    hideContact: (id) => contract.unreadable.add(id),
    hooks: contract.hooks,
    deliveries,
  };
}
