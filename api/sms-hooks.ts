// Reports of SMS providers and answers of people (lib/messages/sms-reports.ts). Not a part of the API for clients: the address is signed by us, and
// the call by the provider, where it signs.
import type { OpenAPIHono } from '@hono/zod-openapi';
import { originOf } from '@/lib/access/origin';
import { networkOf } from '@/lib/config/address-range';
import { SMS_HOOKS as LIMITS } from '@/lib/config/limits';
import { receiveSmsCall } from '@/lib/messages/sms-reports';
import { readSmsHook, SMS_HOOKS } from '@/lib/sms/hook-address';
import type { ApiContext, ApiEnvironment } from './context';
import { Minutes } from './minutes';
import { problem } from './problem';

export function addSmsHooks(api: OpenAPIHono<ApiEnvironment>): void {
  const [addresses, senders] = [new Minutes(LIMITS.perAddress), new Minutes(LIMITS.perSender)];
  api.post(`${SMS_HOOKS}:name`, async (context: ApiContext) => {
    const { pathname, search } = new URL(context.req.url);
    const name = pathname.slice(SMS_HOOKS.length);
    const { raw } = context.req;
    // Only who has an address that we made counts as the sender's: others could use up its minute.
    const hook = readSmsHook(name);
    if (
      !addresses.take(networkOf(originOf(raw.headers).ip)) ||
      (hook !== null && !senders.take(`${hook.sectionId}-${hook.senderId}`))
    ) {
      return problem('too-many-requests', 'Too many reports at once. Send this one again in a minute.', {
        headers: { 'retry-after': '60' },
      });
    }
    const delivery = { path: name + search, headers: Object.fromEntries(raw.headers), body: await context.req.text() };
    return (await receiveSmsCall(delivery))
      ? context.body(null, 204)
      : problem('not-found', 'Nothing is reported to this address, or the report is not signed by its sender.');
  });
}
