// 46elks: POST /a1/sms with a form. It signs nothing, so its reports are known by their address.
import { z } from 'zod';
import {
  basic,
  FORM,
  formOf,
  jsonIn,
  printable,
  saysNoNumber,
  usualMeaning,
  withoutPlus,
  type ProviderCall,
  type SmsProvider,
} from '../provider';
import type { SmsReport } from '../outcome';

export const ElksSettings = z.object({
  user: z.string().trim().min(1, 'Enter the API user name.').max(200),
  origin: z.string().default('https://api.46elks.com'),
});
export type ElksSettings = z.output<typeof ElksSettings>;
export type ElksSecrets = { password: string };

const Taken = z.object({ id: z.string(), status: z.string().catch('created') });

/** Its documentation's own example; with `dryrun` nothing is sent there. */
const NOBODY = '+46700000000';

const STATES: Record<string, SmsReport['state']> = {
  created: 'underway',
  sent: 'underway',
  delivered: 'delivered',
  failed: 'failed',
};

type Known = { settings: ElksSettings; secrets: ElksSecrets };

const post = ({ settings, secrets }: Known, fields: Record<string, string | null>): ProviderCall => ({
  url: `${settings.origin}/a1/sms`,
  method: 'POST',
  headers: { authorization: basic(settings.user, secrets.password), 'content-type': FORM },
  body: formOf(fields),
});

export const elks: SmsProvider<ElksSettings, ElksSecrets> = {
  name: '46elks',
  send: (account, { from, to, text, callback }) =>
    post(account, { from, to: `+${to}`, message: text, whendelivered: callback }),
  outcome: (_account, answer) => {
    const said = printable(answer.body);
    const usual = usualMeaning(answer, said);
    // Its errors are words: whether they are about the account, the sender or the number is in them. What it has taken it answers with the text itself.
    if (answer.status >= 300 && /not enough (credits|balance)|insufficient/i.test(said)) {
      return { kind: 'senderFault', why: 'permission', code: answer.status, status: null, text: said };
    }
    if (usual) return usual;
    if (answer.status < 300) {
      const taken = Taken.safeParse(jsonIn(answer.body));
      if (!taken.success) return { kind: 'unknown', code: answer.status, status: null, text: said };
      const { id, status } = taken.data;
      // It may say at once that it could not.
      return status === 'failed'
        ? { kind: 'refused', why: 'unreachable', code: answer.status, status, text: `46elks could not send ${id}.` }
        : { kind: 'sent', code: answer.status, status, text: `Taken by 46elks as ${id}` };
    }
    const refused = { code: answer.status, status: null, text: said };
    if (/\bfrom\b|sender/i.test(said)) return { kind: 'senderFault', why: 'permission', ...refused };
    return { kind: 'refused', why: saysNoNumber(said) ? 'address' : 'message', ...refused };
  },
  probe: (account, from) => post(account, { from, to: NOBODY, message: 'Test', dryrun: 'yes' }),
  isGenuine: () => true,
  read: (_account, { body }, reference) => {
    const form = new URLSearchParams(body);
    const [from, text, status] = [form.get('from'), form.get('message'), form.get('status')];
    if (reference === null) {
      return from !== null && text !== null ? { is: 'answer', answer: { from: withoutPlus(from), text } } : null;
    }
    const state = STATES[status ?? ''];
    if (state === undefined) return null;
    const why = state === 'failed' ? 'other' : null;
    return { is: 'report', report: { reference, providerId: form.get('id'), state, why, code: null, status: status! } };
  },
};
