// What mail providers report about bounces and complaints (lib/bounces). Not a part of the API for clients: who calls proves it by a signature.
import type { OpenAPIHono } from '@hono/zod-openapi';
import { originOf } from '@/lib/access/origin';
import { networkOf } from '@/lib/config/address-range';
import { BOUNCE_HOOKS as LIMITS } from '@/lib/config/limits';
import { receiveBounceCall, type HookAnswer, type HookCall } from '@/lib/bounces/hook';
import { BOUNCE_HOOKS } from '@/lib/bounces/hook-address';
import { receiveSns } from '@/lib/bounces/ses';
import type { ApiContext, ApiEnvironment } from './context';
import { Minutes } from './minutes';
import { problem } from './problem';

export function addBounceHooks(api: OpenAPIHono<ApiEnvironment>): void {
  const [addresses, senders] = [new Minutes(LIMITS.perAddress), new Minutes(LIMITS.perSender)];
  const take = (root: string, receive: (call: HookCall) => Promise<HookAnswer>) =>
    api.post(`${root}:name`, async (context: ApiContext) => {
      const name = new URL(context.req.url).pathname.slice(root.length);
      const { raw } = context.req;
      if (!addresses.take(networkOf(originOf(raw.headers).ip)) || !senders.take(name.slice(0, 40))) {
        return problem('too-many-requests', 'Too many calls at once. Send this one again in a minute.', {
          headers: { 'retry-after': '60' },
        });
      }
      const call = { name, headers: Object.fromEntries(raw.headers), body: await context.req.text() };
      const answer = await receive(call);
      if (answer.is === 'taken') return context.body(null, 204);
      if (answer.is === 'invalid') return problem('invalid', answer.why);
      return problem('not-found', 'Nothing is reported to this address, or the call is not signed by its sender.');
    });
  take(BOUNCE_HOOKS.bounces, (call) => receiveBounceCall(call));
  take(BOUNCE_HOOKS.ses, (call) => receiveSns(call));
}
