// SMS providers against made-up ones that were written from their documentation: what is sent, what answers mean, and what is genuine.
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { ELKS_USER, elksReport, startElks } from '@/testing/sms/elks';
import { GENERIC_SECRET, genericReport, genericSettings, startGeneric } from '@/testing/sms/generic';
import { SINCH_USER, sinchCall, sinchReport, startSinch } from '@/testing/sms/sinch';
import type { Report, SmsSimulator, TakenSms } from '@/testing/sms/simulator';
import { startTwilio, TWILIO_STOPPED, TWILIO_USER, twilioCall, twilioReport } from '@/testing/sms/twilio';
import { openProvider, SmsAccountSchema, type OpenProvider, type SmsSecrets } from './account';
import { twilioSignature } from './providers/twilio';
import { HttpSmsTransport, probeProvider } from './transport';

type Case = {
  name: string;
  simulator: SmsSimulator;
  open: (secrets?: Partial<SmsSecrets>) => OpenProvider;
  report: (sms: TakenSms, is: 'delivered' | 'failed') => Report;
};

const NONE = { formerSecret: null, hookSecret: null, formerHookSecret: null };
const account = (kind: string, settings: object) => SmsAccountSchema.parse({ kind, settings });
const cases: Case[] = [];
const of = (name: string): Case => cases.find((one) => one.name === name)!;

beforeAll(async () => {
  process.env.TAGWELL_ALLOW_PRIVATE_ADDRESSES = '127.0.0.1';
  const [elks, twilio, sinch, generic] = await Promise.all([startElks(), startTwilio(), startSinch(), startGeneric()]);
  cases.push(
    {
      name: '46elks',
      simulator: elks,
      open: (secrets) =>
        openProvider(account('sms-46elks', { user: ELKS_USER.user, origin: elks.origin }), {
          secret: ELKS_USER.password,
          ...NONE,
          ...secrets,
        }),
      report: (sms, is) => elksReport(sms, is),
    },
    {
      name: 'Twilio',
      simulator: twilio,
      open: (secrets) =>
        openProvider(account('sms-twilio', { accountSid: TWILIO_USER.accountSid, origin: twilio.origin }), {
          secret: TWILIO_USER.authToken,
          ...NONE,
          ...secrets,
        }),
      report: (sms, is) =>
        is === 'failed' ? twilioReport(sms, 'undelivered', { code: 30005 }) : twilioReport(sms, 'delivered'),
    },
    {
      name: 'Sinch',
      simulator: sinch,
      open: (secrets) =>
        openProvider(
          account('sms-sinch', { region: 'eu', servicePlanId: SINCH_USER.servicePlanId, origin: sinch.origin }),
          { secret: SINCH_USER.token, ...NONE, hookSecret: SINCH_USER.hookSecret, ...secrets },
        ),
      report: (sms, is) => (is === 'failed' ? sinchReport(sms, 'Failed', 408) : sinchReport(sms, 'Delivered', 0)),
    },
    {
      name: 'generic',
      simulator: generic,
      open: (secrets) =>
        openProvider(account('sms-http', genericSettings(generic.origin)), {
          secret: GENERIC_SECRET,
          ...NONE,
          ...secrets,
        }),
      report: (sms, is) => genericReport(sms, is === 'failed' ? 'UNDELIV' : 'DELIVRD'),
    },
  );
});
afterAll(async () => {
  await Promise.all(cases.map(({ simulator }) => simulator.close()));
  delete process.env.TAGWELL_ALLOW_PRIVATE_ADDRESSES;
});
beforeEach(() => cases.forEach(({ simulator }) => simulator.reset()));

const TEXT = 'Räksmörgås "på" väg & till {dig} – 100 %\nHej 👋';
const CALLBACK = 'https://tagwell.example/hooks/sms/1-2-77-abc';

async function send(name: string, part: object = {}, options = {}, from = 'Shop', secrets = {}) {
  const transport = new HttpSmsTransport(of(name).open(secrets), from, { answerMs: 500, ...options });
  try {
    return await transport.deliver({
      to: '46701234567',
      text: TEXT,
      reference: '77',
      callback: CALLBACK,
      until: null,
      ...part,
    });
  } finally {
    await transport.close(0);
  }
}

describe.each(['46elks', 'Twilio', 'Sinch', 'generic'])('%s', (name) => {
  it('gets the SMS as it is, with where to report', async () => {
    expect(await send(name)).toMatchObject({ kind: 'sent' });
    const [sms] = of(name).simulator.taken;
    expect(sms).toMatchObject({ from: 'Shop', text: TEXT, callback: CALLBACK });
    expect(sms!.to.replace('+', '')).toBe('46701234567');
    // Some answer with the text that they took.
    const about =
      'Your balance is insufficient: not enough credits. The number of the sender, from and to, is blocked.';
    expect(await send(name, { text: about })).toMatchObject({ kind: 'sent' });
    of(name).simulator.taken.pop();
    const number = await send(name, { reference: null, callback: null }, {}, '+46709876543');
    expect(number).toMatchObject({ kind: 'sent' });
    expect(of(name).simulator.taken[1]).toMatchObject({ callback: null });
    expect(of(name).simulator.taken[1]!.from.replace('+', '')).toBe('46709876543');
  });

  it('that does not know us is the fault of the sender', async () => {
    expect(await send(name, {}, {}, 'Shop', { secret: 'wrong' })).toMatchObject({
      kind: 'senderFault',
      why: 'credentials',
    });
    expect(of(name).simulator.taken).toEqual([]);
  });

  it('that loses the answer leaves the SMS unknown; one that was never reached does not', async () => {
    const { simulator } = of(name);
    simulator.faults.push({ when: 'after', do: 'reset' }, { when: 'after', do: 'silence' });
    expect(await send(name)).toMatchObject({ kind: 'unknown', code: null });
    expect(await send(name, {}, { answerMs: 100 })).toMatchObject({ kind: 'unknown', code: null });
    expect(simulator.taken).toHaveLength(2);
    let handed = 0;
    const held = await send(name, { onHanding: () => Promise.reject(new Error('no database')) });
    expect(held).toMatchObject({ kind: 'deferred', why: 'connection' });
    await send(name, { onHanding: () => void handed++ });
    expect([handed, simulator.taken.length]).toEqual([1, 3]);
  });

  it('that asks for less is given time; what a gateway in between says leaves it unknown', async () => {
    const { simulator } = of(name);
    simulator.faults.push(
      { answer: { status: 429, headers: { 'retry-after': '7' }, body: '' } },
      { answer: { status: 503, body: 'busy' } },
      { answer: { status: 500, body: '' } },
      { answer: { status: 502, body: '<html>Bad gateway</html>' } },
      { answer: { status: 302, headers: { location: 'http://127.0.0.1/' }, body: '' } },
    );
    const slow = await send(name);
    expect(slow).toMatchObject({ kind: 'deferred', why: 'pace' });
    if (name !== 'generic') expect(slow).toMatchObject({ retryAfterMs: 7_000 });
    expect(await send(name)).toMatchObject({ kind: 'deferred', why: 'pace' });
    expect(await send(name)).toMatchObject({ kind: 'deferred', why: 'recipient' });
    expect(await send(name)).toMatchObject({ kind: 'unknown', text: 'Bad gateway' });
    expect(await send(name)).toMatchObject({ kind: 'senderFault', why: 'connection' });
  });

  it('reports by signed calls, whose meaning is read', async () => {
    await send(name);
    const provider = of(name).open();
    const [sms] = of(name).simulator.taken;
    for (const [is, why] of [
      ['delivered', null],
      ['failed', name === '46elks' || name === 'generic' ? 'other' : 'address'],
    ] as const) {
      const report = of(name).report(sms!, is);
      expect(provider.isGenuine(report)).toBe(true);
      expect(provider.read(report, '77')).toMatchObject({ is: 'report', report: { reference: '77', state: is, why } });
    }
    expect(provider.read({ url: CALLBACK, headers: {}, body: 'nothing=of-this' }, '77')).toBeNull();
    expect(provider.read({ url: CALLBACK, headers: {}, body: '{"half' }, null)).toBeNull();
  });

  it('takes several at once, as many as the sender allows', async () => {
    const { simulator } = of(name);
    simulator.delayMs = 20;
    const transport = new HttpSmsTransport(of(name).open(), 'Shop', { connections: 3 });
    const sent = await Promise.all(
      Array.from({ length: 9 }, (_, index) =>
        transport.deliver({ to: '46701234567', text: `${index}`, reference: `${index}`, callback: null, until: null }),
      ),
    );
    await transport.close();
    expect([sent.every(({ kind }) => kind === 'sent'), simulator.most, simulator.taken.length]).toEqual([true, 3, 9]);
    expect(
      await transport.deliver({ to: '46701234567', text: 'x', reference: null, callback: null, until: null }),
    ).toMatchObject({
      kind: 'deferred',
      why: 'connection',
    });
  });
});

describe('a provider', () => {
  it('[174] is told until when an SMS may arrive, as far as it can be', () => {
    const sms = { from: 'Shop', to: '46701234567', text: 'x', reference: null, callback: null };
    const body = (name: string, hours: number | null) => {
      const until = hours === null ? null : new Date(Date.now() + hours * 3_600_000);
      return {
        until,
        body:
          of(name)
            .open()
            .send({ ...sms, until }).body ?? '',
      };
    };
    const validity = (hours: number | null) => new URLSearchParams(body('Twilio', hours).body).get('ValidityPeriod');
    expect(Number(validity(1))).toBeGreaterThan(3_590);
    expect(Number(validity(1))).toBeLessThanOrEqual(3_600);
    expect([validity(12), validity(-1), validity(null)]).toEqual(['36000', '1', null]);
    const sinch = body('Sinch', 2);
    expect(JSON.parse(sinch.body)).toMatchObject({ expire_at: sinch.until!.toISOString() });
    expect(body('Sinch', null).body).not.toContain('expire_at');
    const settings = { ...genericSettings(of('generic').simulator.origin), body: '{"valid": {{ seconds | json }}}' };
    const provider = openProvider(account('sms-http', settings), { secret: GENERIC_SECRET, ...NONE });
    expect(provider.send({ ...sms, until: new Date(Date.now() + 60_500) }).body).toBe('{"valid": "60"}');
    expect(provider.send({ ...sms, until: null }).body).toBe('{"valid": ""}');
  });

  it('that does not answer is left alone for a while, so that few SMS are unknown', async () => {
    const { simulator, open } = of('46elks');
    simulator.faults.push(...Array.from({ length: 5 }, () => ({ when: 'before' as const, do: 'reset' as const })));
    const transport = new HttpSmsTransport(open(), 'Shop', { connections: 1 });
    const sms = { to: '46701234567', text: 'x', reference: null, callback: null, until: null };
    const kinds = [];
    for (let index = 0; index < 7; index++) kinds.push((await transport.deliver(sms)).kind);
    await transport.close();
    expect(kinds).toEqual([...Array.from({ length: 5 }, () => 'unknown'), 'senderFault', 'senderFault']);
    expect(simulator.asked).toHaveLength(5);
  });

  it.each(['46elks', 'Twilio', 'Sinch'])('%s is asked without sending anything', async (name) => {
    expect(await probeProvider(of(name).open(), 'Shop')).toMatchObject({ kind: 'sent' });
    expect(await probeProvider(of(name).open({ secret: 'wrong' }), 'Shop')).toMatchObject({ why: 'credentials' });
    expect(of(name).simulator.taken).toEqual([]);
  });

  it('inside the network is not called', async () => {
    delete process.env.TAGWELL_ALLOW_PRIVATE_ADDRESSES;
    try {
      expect(await send('generic')).toMatchObject({ kind: 'senderFault', why: 'connection' });
      expect(of('generic').simulator.asked).toEqual([]);
    } finally {
      process.env.TAGWELL_ALLOW_PRIVATE_ADDRESSES = '127.0.0.1';
    }
  });
});

describe('words of an error', () => {
  it.each([
    ['Invalid to number', true],
    ['Missing key to', true],
    ['Invalid recipient format', true],
    ["The 'to' address is not a valid number", true],
    ['Unknown msisdn', true],
    ['Invalid message: too long to send', false],
    ['The number of characters is too large', false],
    ['Unable to parse the request', false],
    ['Too many recipients', false],
    ['You are not allowed to send to this destination', false],
  ])('%s: that the number is none: %s', async (words, isNone) => {
    for (const name of ['46elks', 'Sinch']) {
      const body = name === 'Sinch' ? JSON.stringify({ code: 'syntax_invalid', text: words }) : words;
      of(name).simulator.faults.push({ answer: { status: 400, body } });
      expect(await send(name)).toMatchObject({ kind: 'refused', why: isNone ? 'address' : 'message' });
    }
  });
});

describe('Twilio', () => {
  it('says that somebody has stopped, and which numbers are none', async () => {
    expect(await send('Twilio', { to: TWILIO_STOPPED.slice(1) })).toMatchObject({
      kind: 'refused',
      why: 'optedOut',
      code: 21610,
    });
    expect(await send('Twilio', { to: '1' })).toMatchObject({ kind: 'refused', why: 'address', code: 21211 });
    expect(await send('Twilio', { text: 'x'.repeat(1_601) })).toMatchObject({ kind: 'refused', why: 'message' });
  });

  it('signs over the address and the sorted parameters (the example of its documentation)', () => {
    const form = new URLSearchParams({
      CallSid: 'CA1234567890ABCDE',
      Caller: '+14158675310',
      Digits: '1234',
      From: '+14158675310',
      To: '+18005551212',
    });
    expect(twilioSignature('12345', 'https://mycompany.com/myapp.php?foo=1&bar=2', form.toString())).toBe(
      'GvWf1cFY/Q7PnoempGyD5oXAezc=',
    );
  });

  it('is not believed with another token, address or parameter; with the former token it is', async () => {
    const call = twilioCall(CALLBACK, { MessageStatus: 'delivered', MessageSid: 'SM1', ErrorCode: '' });
    const { open } = of('Twilio');
    expect(open().isGenuine(call)).toBe(true);
    expect(open({ secret: 'new' }).isGenuine(call)).toBe(false);
    expect(open({ secret: 'new', formerSecret: TWILIO_USER.authToken }).isGenuine(call)).toBe(true);
    expect(open().isGenuine({ ...call, url: `${CALLBACK}x` })).toBe(false);
    expect(open().isGenuine({ ...call, body: call.body.replace('delivered', 'failed') })).toBe(false);
    expect(open().isGenuine({ ...call, headers: {} })).toBe(false);
  });
});

describe('Sinch', () => {
  it('is not believed with another secret or body, or too late; about another SMS it says nothing', async () => {
    const { open } = of('Sinch');
    await send('Sinch');
    const report = sinchReport(of('Sinch').simulator.taken[0]!, 'Delivered', 0);
    expect(open().isGenuine(report)).toBe(true);
    expect(open({ hookSecret: 'new' }).isGenuine(report)).toBe(false);
    expect(open({ hookSecret: 'new', formerHookSecret: SINCH_USER.hookSecret }).isGenuine(report)).toBe(true);
    expect(open().isGenuine({ ...report, body: report.body.replace('Delivered', 'Failed') })).toBe(false);
    expect(open().isGenuine({ ...report, headers: {} })).toBe(false);
    const old = sinchCall(CALLBACK, report.body, SINCH_USER.hookSecret, Date.now() - 30 * 3_600_000);
    expect(open().isGenuine(old)).toBe(false);
    expect(open().read(report, '78')).toBeNull();
  });
});

describe('a template', () => {
  const parse = (part: object) =>
    SmsAccountSchema.safeParse({ kind: 'sms-http', settings: { ...genericSettings('https://x.example'), ...part } });

  it.each<[string, object, RegExp]>([
    ['that loops', { body: '{% for a in (1..9) %}{% endfor %}' }, /not a template/],
    ['that reads files', { url: '{% include "/etc/passwd" %}' }, /not a template/],
    ['that asks for what is not there', { body: '{{ password }}' }, /not a template/],
    ['whose values are not quoted', { body: '{"text": "{{ text }}"}' }, /no JSON/],
    ['with a header of the connection', { headers: 'Host: elsewhere' }, /one header a line/],
    ['with a header that is none', { headers: 'just words' }, /one header a line/],
  ])('%s is refused', (_what, part, words) => {
    const parsed = parse(part);
    expect(parsed.success ? '' : parsed.error.issues[0]!.message).toMatch(words);
  });

  it('cannot be given a header by a value, and says what its answers mean', async () => {
    const settings = {
      ...genericSettings(of('generic').simulator.origin),
      headers: 'X-Api-Key: {{ secret }}\nX-Text: {{ text }}',
    };
    const provider = openProvider(SmsAccountSchema.parse({ kind: 'sms-http', settings }), {
      secret: GENERIC_SECRET,
      ...NONE,
    });
    const { headers } = provider.send({
      from: 'a',
      to: '1',
      text: 'x\r\nEvil: 1',
      reference: null,
      callback: null,
      until: null,
    });
    expect(headers).toMatchObject({ 'x-text': 'x Evil: 1' });
    expect(Object.keys(headers)).not.toContain('evil');
    expect(await send('generic', { to: '46700000000' })).toMatchObject({
      kind: 'refused',
      why: 'message',
      status: 'REJECTED',
    });
    of('generic').simulator.faults.push({ answer: { status: 509, body: '' } }, { answer: { status: 200, body: 'ok' } });
    expect(await send('generic')).toMatchObject({ kind: 'deferred', why: 'pace' });
    expect(await send('generic')).toMatchObject({ kind: 'unknown' });
  });
});
