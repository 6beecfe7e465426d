// A made-up 46elks, as its documentation has it (POST /a1/sms; reports to `whendelivered` as a form with id, status and delivered).
import { hasBasic, SmsSimulator, type Answer, type Report, type TakenSms } from './simulator';

export const ELKS_USER = { user: 'u1234567890', password: 'C0FFEE' };

const words = (status: number, body: string): Answer => ({ status, headers: { 'content-type': 'text/plain' }, body });

export const startElks = (): Promise<SmsSimulator> =>
  SmsSimulator.start({
    newId: (index) => `s${String(index).padStart(32, '0')}`,
    answer: (asked, take) => {
      if (!hasBasic(asked, ELKS_USER.user, ELKS_USER.password)) return words(401, 'Invalid API credentials');
      if (asked.method !== 'POST' || asked.path !== '/a1/sms') return words(404, 'Not found');
      const form = new URLSearchParams(asked.body);
      const [from, to, message] = ['from', 'to', 'message'].map((name) => form.get(name) ?? '');
      if (!/^(\+\d{6,15}|[A-Za-z][A-Za-z0-9 ]{0,10})$/.test(from!)) return words(403, 'Invalid from number');
      if (!/^\+\d{7,15}$/.test(to!)) return words(400, 'Invalid to number');
      if (message === '') return words(400, 'Missing key message');
      const sms = { from: from!, to: to!, text: message!, reference: null, callback: form.get('whendelivered') };
      const isDry = form.get('dryrun') === 'yes';
      const id = isDry ? 's0' : take(sms).id;
      const body = {
        id,
        direction: 'outgoing',
        status: 'created',
        from,
        to,
        message,
        created: '2026-11-27T02:00:00.000000',
      };
      return { status: 200, headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) };
    },
  });

/** The report of an SMS. */
export function elksReport({ id, callback }: TakenSms, status: 'sent' | 'delivered' | 'failed'): Report {
  const form = { id, status, ...(status === 'delivered' && { delivered: '2026-11-27T02:00:05.000000' }) };
  return {
    url: callback!,
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: new URLSearchParams(form).toString(),
  };
}
