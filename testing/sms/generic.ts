// A made-up provider of no known kind: JSON in, JSON out, reports as JSON.
import { z } from 'zod';
import { json, SmsSimulator, type Report, type TakenSms } from './simulator';

export const GENERIC_SECRET = 'key of the gateway';

const Body = z.object({
  source: z.string(),
  destination: z.string(),
  userData: z.string(),
  refId: z.string(),
  callback: z.string(),
});

export const startGeneric = (): Promise<SmsSimulator> =>
  SmsSimulator.start({
    newId: (index) => `G-${index}`,
    answer: (asked, take) => {
      if (asked.headers['x-api-key'] !== GENERIC_SECRET) return json(401, { error: 'no such key' });
      if (asked.path !== '/send') return json(404, { error: 'not found' });
      const { source, destination, userData, refId, callback } = Body.parse(JSON.parse(asked.body));
      if (destination.endsWith('000')) return json(200, { resultCode: 'REJECTED', message: 'no route' });
      const sms = {
        from: source,
        to: destination,
        text: userData,
        reference: refId || null,
        callback: callback || null,
      };
      return json(200, { resultCode: 'OK', message: { id: take(sms).id } });
    },
  });

/** The template of its call, and what its answers mean. `url`: where it is. */
export const genericSettings = (url: string) => ({
  method: 'POST',
  url: `${url}/send`,
  headers: 'X-Api-Key: {{ secret }}',
  bodyType: 'json',
  body: '{"source": {{ from | json }}, "destination": {{ to | json }}, "userData": {{ text | json }}, "refId": {{ reference | json }}, "callback": {{ callback | json }}}',
  idPath: 'message.id',
  okPath: 'resultCode',
  okValues: 'OK',
  throttleStatuses: '429, 509',
  statusField: 'state',
  deliveredValues: 'DELIVRD',
  failedValues: 'UNDELIV, EXPIRED',
});

/** The report of an SMS. */
export const genericReport = ({ callback }: TakenSms, state: string): Report => ({
  url: callback!,
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify({ state }),
});
