// Deliveries of CRMs (lib/integrations/receive-delivery.ts). Not a part of the API for clients: who sends proves it by a secret of the connection.
import type { OpenAPIHono } from '@hono/zod-openapi';
import { originOf } from '@/lib/access/origin';
import { networkOf } from '@/lib/config/address-range';
import { HOOKS } from '@/lib/config/limits';
import { receiveDelivery } from '@/lib/integrations/receive-delivery';
import type { ApiContext, ApiEnvironment } from './context';
import { Minutes } from './minutes';
import { problem } from './problem';

const ROOT = '/hooks/crm/';

export function addHooks(api: OpenAPIHono<ApiEnvironment>): void {
  const [addresses, connections] = [new Minutes(HOOKS.perAddress), new Minutes(HOOKS.perConnection)];
  api.post(`${ROOT}*`, async (context: ApiContext) => {
    // As it was sent: the secret of some CRMs is a part of the path.
    const [name = '', ...rest] = new URL(context.req.url).pathname.slice(ROOT.length).split('/');
    const { raw } = context.req;
    if (!addresses.take(networkOf(originOf(raw.headers).ip)) || !connections.take(name)) {
      return problem('too-many-requests', 'Too many deliveries at once. Send this one again in a minute.', {
        headers: { 'retry-after': '60' },
      });
    }
    const delivery = { headers: Object.fromEntries(raw.headers), body: await context.req.text(), path: rest.join('/') };
    return (await receiveDelivery(name, delivery))
      ? context.body(null, 204)
      : problem('not-found', 'Nothing is delivered to this address, or the delivery is not signed by its sender.');
  });
}
