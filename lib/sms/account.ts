// The account of a sender at its provider: settings that pages show, and secrets that they do not.
import { z } from 'zod';
import type { CallAnswer } from '@/lib/outbound/request';
import type { SmsOutcome, Told } from './outcome';
import type { ProviderCall, ProviderDelivery, Sms, SmsProvider } from './provider';
import { elks, ElksSettings } from './providers/elks';
import { http, HttpSettings } from './providers/http';
import { sinch, SinchSettings } from './providers/sinch';
import { twilio, TwilioSettings } from './providers/twilio';

/** Where and as whom a sender sends. `secret` and `hookSecret` (Sinch only) stand beside it, sealed. */
export const SmsAccountSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('sms-46elks'), settings: ElksSettings }),
  z.object({ kind: z.literal('sms-twilio'), settings: TwilioSettings }),
  z.object({ kind: z.literal('sms-sinch'), settings: SinchSettings }),
  z.object({ kind: z.literal('sms-http'), settings: HttpSettings }),
]);
export type SmsAccount = z.output<typeof SmsAccountSchema>;

/** `former…`: what was there before, with which providers may still sign until they know the new one. */
export type SmsSecrets = {
  secret: string;
  formerSecret: string | null;
  hookSecret: string | null;
  formerHookSecret: string | null;
};

/** A provider with the account that it is used with. */
export type OpenProvider = {
  name: string;
  send: (sms: Sms) => ProviderCall;
  outcome: (answer: CallAnswer) => SmsOutcome;
  probe: (from: string) => ProviderCall | null;
  isGenuine: (delivery: ProviderDelivery) => boolean;
  read: (delivery: ProviderDelivery, reference: string | null) => Told | null;
};

function using<Settings, Secrets>(
  provider: SmsProvider<Settings, Secrets>,
  settings: Settings,
  secrets: Secrets,
): OpenProvider {
  const account = { settings, secrets };
  return {
    name: provider.name,
    send: (sms) => provider.send(account, sms),
    outcome: (answer) => provider.outcome(account, answer),
    probe: (from) => provider.probe(account, from),
    isGenuine: (delivery) => provider.isGenuine(account, delivery),
    read: (delivery, reference) => provider.read(account, delivery, reference),
  };
}

/** The provider of an account. */
export function openProvider(
  { kind, settings }: SmsAccount,
  { secret, formerSecret: former, hookSecret, formerHookSecret }: SmsSecrets,
): OpenProvider {
  switch (kind) {
    case 'sms-46elks':
      return using(elks, settings, { password: secret });
    case 'sms-twilio':
      return using(twilio, settings, { authToken: secret, former });
    case 'sms-sinch':
      return using(sinch, settings, { token: secret, hookSecret, formerHookSecret });
    case 'sms-http':
      return using(http, settings, { secret, former });
  }
}

/** Where the secret goes: whoever changes this has to enter it again, so that a stored one is sent nowhere else. */
export function destinationOf({ kind, settings }: SmsAccount): string {
  switch (kind) {
    case 'sms-46elks':
      return JSON.stringify([kind, settings.origin, settings.user]);
    case 'sms-twilio':
      return JSON.stringify([kind, settings.origin, settings.accountSid]);
    case 'sms-sinch':
      return JSON.stringify([kind, settings.origin, settings.region, settings.servicePlanId]);
    case 'sms-http':
      // All of the call: what is sent where is the template's matter.
      return JSON.stringify([kind, settings.method, settings.url, settings.headers, settings.body]);
  }
}
