// A made-up Sinch, as its documentation has it (POST /xms/v1/{plan}/batches; reports of each recipient as signed JSON).
import { createHmac, randomUUID } from 'node:crypto';
import { z } from 'zod';
import { json, SmsSimulator, type Report, type TakenSms } from './simulator';

export const SINCH_USER = { servicePlanId: 'jd63jf88477ll123', token: 'bearer-of-plan', hookSecret: 'agreed secret' };
const ROOT = `/xms/v1/${SINCH_USER.servicePlanId}`;

const Batch = z.object({
  from: z.string().optional(),
  to: z.array(z.string()).min(1),
  body: z.string().min(1).max(2_000),
  client_reference: z.string().max(2_048).optional(),
  delivery_report: z.enum(['none', 'summary', 'full', 'per_recipient', 'per_recipient_final']).optional(),
  callback_url: z.url().max(2_048).optional(),
});

export const startSinch = (): Promise<SmsSimulator> =>
  SmsSimulator.start({
    newId: (index) => `01FC66621XXXXX${String(index).padStart(12, '0')}`,
    answer: (asked, take) => {
      if (asked.headers.authorization !== `Bearer ${SINCH_USER.token}` || !asked.path.startsWith(ROOT)) {
        return { status: 401, body: '' };
      }
      const batch = Batch.safeParse(JSON.parse(asked.body));
      if (!batch.success) return json(400, { code: 'syntax_invalid_json', text: 'The request is not valid.' });
      const { from = '', to, body: text, client_reference: reference, callback_url: callback } = batch.data;
      if (!/^(\d{5,15}|[A-Za-z0-9 ]{1,11})$/.test(from)) {
        return json(400, {
          code: 'syntax_invalid_parameter_format',
          text: 'Invalid sender: from has the wrong format',
        });
      }
      if (!to.every((number) => /^\+?\d{7,15}$/.test(number))) {
        return json(400, { code: 'syntax_invalid_parameter_format', text: 'Invalid recipient format' });
      }
      if (asked.path === `${ROOT}/batches/dry_run`)
        return json(200, { number_of_recipients: 1, number_of_messages: 1 });
      if (asked.path !== `${ROOT}/batches`) return json(404, { code: 'resource_not_found', text: 'Not found' });
      const { id } = take({ from, to: to[0]!, text, reference: reference ?? null, callback: callback ?? null });
      return json(201, { id, to, from, canceled: false, body: text, type: 'mt_text', client_reference: reference });
    },
  });

/** The report of an SMS, signed. */
export function sinchReport(
  { id, to, reference, callback }: TakenSms,
  status: string,
  code: number,
  secret = SINCH_USER.hookSecret,
): Report {
  const body = JSON.stringify({
    type: 'recipient_delivery_report_sms',
    batch_id: id,
    recipient: to,
    code,
    status,
    at: '2026-11-27T02:00:05.123Z',
    client_reference: reference,
  });
  return sinchCall(callback!, body, secret);
}

/** A call with JSON, signed over the body, a nonce and the time. */
export function sinchCall(url: string, body: string, secret = SINCH_USER.hookSecret, at = Date.now()): Report {
  const [nonce, timestamp] = [randomUUID(), String(Math.floor(at / 1_000))];
  return {
    url,
    headers: {
      'content-type': 'application/json',
      'x-sinch-webhook-signature': createHmac('sha256', secret)
        .update(`${body}.${nonce}.${timestamp}`)
        .digest('base64'),
      'x-sinch-webhook-signature-nonce': nonce,
      'x-sinch-webhook-signature-timestamp': timestamp,
      'x-sinch-webhook-signature-algorithm': 'HmacSHA256',
    },
    body,
  };
}
