// A made-up Twilio, as its documentation has it (POST …/Messages.json; status callbacks as signed forms). The signature is made here by
// the documentation, not by the product's code.
import { createHmac } from 'node:crypto';
import { hasBasic, json, SmsSimulator, type Answer, type Report, type TakenSms } from './simulator';

export const TWILIO_USER = { accountSid: `AC${'0a'.repeat(16)}`, authToken: 'f00d'.repeat(8) };
const ROOT = `/2010-04-01/Accounts/${TWILIO_USER.accountSid}`;

/** People who have answered STOP. */
export const TWILIO_STOPPED = '+46700000610';

const problem = (status: number, code: number, message: string): Answer =>
  json(status, { code, message, more_info: `https://www.twilio.com/docs/errors/${code}`, status });

export const startTwilio = (): Promise<SmsSimulator> =>
  SmsSimulator.start({
    newId: (index) => `SM${String(index).padStart(32, '0')}`,
    answer: (asked, take) => {
      if (!asked.path.startsWith(ROOT)) return problem(404, 20404, 'The requested resource was not found');
      if (!hasBasic(asked, TWILIO_USER.accountSid, TWILIO_USER.authToken)) return problem(401, 20003, 'Authenticate');
      if (asked.method === 'GET' && asked.path === `${ROOT}.json`)
        return json(200, { sid: TWILIO_USER.accountSid, status: 'active' });
      if (asked.method !== 'POST' || asked.path !== `${ROOT}/Messages.json`) return problem(404, 20404, 'Not found');
      const form = new URLSearchParams(asked.body);
      const [to, text] = [form.get('To') ?? '', form.get('Body') ?? ''];
      const from = form.get('From') ?? form.get('MessagingServiceSid');
      if (from === null) return problem(400, 21603, "A 'From' phone number is required.");
      if (!/^\+[1-9]\d{6,14}$/.test(to))
        return problem(400, 21211, `The 'To' number ${to} is not a valid phone number.`);
      if (to === TWILIO_STOPPED) return problem(400, 21610, 'Attempt to send to unsubscribed recipient');
      if (text === '') return problem(400, 21602, 'Message body is required.');
      if (text.length > 1_600)
        return problem(400, 21617, 'The concatenated message body exceeds the 1600 character limit.');
      const { id } = take({ from, to, text, reference: null, callback: form.get('StatusCallback') });
      return json(201, { sid: id, status: 'queued', to, from, body: text, error_code: null, error_message: null });
    },
  });

/** The report of an SMS, signed. */
export function twilioReport(
  { id, to, from, callback }: TakenSms,
  status: string,
  { code, token = TWILIO_USER.authToken }: { code?: number; token?: string } = {},
): Report {
  const form = {
    SmsSid: id,
    MessageStatus: status,
    To: to,
    MessageSid: id,
    AccountSid: TWILIO_USER.accountSid,
    From: from,
    ...(code !== undefined && { ErrorCode: String(code) }),
  };
  return twilioCall(callback!, form, token);
}

/** A call with a form, signed over the address and the parameters in order of their names. */
export function twilioCall(url: string, form: Record<string, string>, token = TWILIO_USER.authToken): Report {
  let text = url;
  for (const name of Object.keys(form).sort()) text += `${name}${form[name]}`;
  return {
    url,
    headers: {
      'content-type': 'application/x-www-form-urlencoded',
      'x-twilio-signature': createHmac('sha1', token).update(text, 'utf8').digest('base64'),
    },
    body: new URLSearchParams(form).toString(),
  };
}
