// The addresses for reports about bounces, at a real process: who is not our own says nothing.
import { describe, expect, it } from 'vitest';
import { server, withApi } from '@/testing/api';
import { isApiPath } from './app';

withApi();

describe('the addresses for reports about bounces', () => {
  it('are answered by the API, and believe nobody without our signature; a GET changes nothing', async () => {
    const forged = `1-1-${'A'.repeat(22)}`;
    for (const hook of ['bounces', 'ses']) {
      expect(isApiPath(`/hooks/${hook}/${forged}`)).toBe(true);
      for (const name of [forged, 'nobody', '%2e%2e', `${forged}/more`]) {
        const answer = await fetch(`${server.address}/hooks/${hook}/${name}`, {
          method: 'POST',
          headers: { 'content-type': 'text/plain; charset=UTF-8' },
          body: JSON.stringify({ events: [{ type: 'bounce', class: 'hard', address: 'ann@example.com' }] }),
        });
        expect(answer.status).toBe(404);
      }
      expect((await fetch(`${server.address}/hooks/${hook}/${forged}`)).status).toBe(404);
    }
  });
});
