// How calls are read and answered, whatever they are about.
import { describe, expect, it } from 'vitest';
import { unavailableReason } from '@/lib/db/condition';
import { call, EMAIL, json, keyOf, profilePath, section, withApi } from '@/testing/api';
import { attributes, makePerson, ofSystem } from '@/testing/api-people';

withApi();

describe('what must be created only once', () => {
  const statuses = async (path: string, body: object) => {
    const answers = await Promise.all(
      Array.from({ length: 24 }, () =>
        call(path, { method: 'POST', body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }),
      ),
    );
    return answers.map(({ status }) => status).sort();
  };
  const once = [201, ...Array<number>(23).fill(409)];

  it('is created by one of 24 concurrent calls: a profile, a tag, a topic', async () => {
    const inSection = `/audience/sections/${section}`;
    for (let turn = 0; turn < 3; turn++) {
      const profile = { profile_key: keyOf('race') };
      expect(await statuses(`/audience/keyspaces/${EMAIL}/sections/${section}/profiles`, profile)).toEqual(once);
    }
    expect(await statuses(`${inSection}/tags`, { name: keyOf('tag') })).toEqual(once);
    expect(await statuses(`/v2${inSection}/topics`, { name: keyOf('topic') })).toEqual(once);
  });
});

it('a blank value clears the previous one', async () => {
  const key = keyOf('blank');
  const set = (value: string) =>
    json(attributes(key), 204, { method: 'PATCH', body: { [ofSystem('lastname')]: value } });
  for (const blank of ['', '   ', '\u00A0\t\n', '\u200B ']) {
    await set('Berg');
    expect(await json(`/v2${attributes(key)}`)).toMatchObject({ [ofSystem('lastname')]: 'Berg' });
    await set(blank);
    expect(await json(`/v2${attributes(key)}`)).not.toHaveProperty(ofSystem('lastname'));
  }
});

it('lists in the query may be repeated names or separated by commas', async () => {
  const key = keyOf('consents');
  await makePerson({ email: key });
  const topic = await json<{ discriminator: string }>(`/v2/audience/sections/${section}/topics`, 201, {
    method: 'POST',
    body: { name: keyOf('News') },
  });
  const path = `/v2${profilePath(key)}/sections/${section}/consents`;
  for (const [channel, type] of [
    ['email', 'opt-in'],
    ['sms', 'confirmed-opt-in'],
  ]) {
    const body = {
      topic_discriminator: topic.discriminator,
      channel_discriminator: `com.apsis1.channels.${channel}`,
      type,
    };
    await json(path, 201, { method: 'POST', body });
  }
  const types = async (query: string) =>
    (await json<{ items: { type: string }[] }>(`${path}${query}`)).items.map(({ type }) => type);
  for (const query of [
    '?consent_types=opt-in&consent_types=confirmed-opt-in',
    '?consent_types=opt-in,confirmed-opt-in',
    '',
  ]) {
    expect(await types(query)).toEqual(['opt-in', 'confirmed-opt-in']);
  }
  expect(await types('?consent_types=opt-in&consent_types=opt-out')).toEqual(['opt-in']);
  await json(`${path}?consent_types=opt-in&consent_types=none`, 400);
});

it('every error of an unavailable database is a 503', () => {
  const withCode = (code: string) => Object.assign(new Error('x'), { code });
  for (const code of ['ECONNREFUSED', 'ENOTFOUND', '08006', '57P01', '57P03', '53300', '53100', '40P01']) {
    expect({ code, is: unavailableReason(withCode(code)) !== null }).toEqual({ code, is: true });
  }
  const broken = 'Client has encountered a connection error and is not queryable';
  for (const message of [broken, 'Connection terminated unexpectedly', 'timeout exceeded when trying to connect']) {
    expect(unavailableReason(new Error(message))).not.toBeNull();
  }
  for (const code of ['23505', '42601', '22P02']) expect(unavailableReason(withCode(code))).toBeNull();
});
