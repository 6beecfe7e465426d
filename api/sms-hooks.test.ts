// The address for reports of SMS providers, at a real process: who is not our own says nothing.
import { describe, expect, it } from 'vitest';
import { server, withApi } from '@/testing/api';
import { isApiPath } from './app';

withApi();

describe('the address for reports of SMS', () => {
  it('is answered by the API, and believes nobody without our signature; a GET changes nothing', async () => {
    expect(isApiPath('/hooks/sms/1-2-3-abc')).toBe(true);
    const post = (name: string) =>
      fetch(`${server.address}/hooks/sms/${name}`, {
        method: 'POST',
        headers: { 'content-type': 'application/x-www-form-urlencoded' },
        body: 'status=delivered&id=s1',
      });
    const forged = `1-1-1-${'A'.repeat(22)}`;
    for (const name of [forged, 'nobody', '%2e%2e', `${forged}/more`]) expect((await post(name)).status).toBe(404);
    expect((await fetch(`${server.address}/hooks/sms/${forged}`)).status).toBe(404);
  });
});
