// Requests that other sites can make a browser send to our pages.
import type { IncomingHttpHeaders } from 'node:http';
import { describe, expect, it } from 'vitest';
import { foreignOrigin, isCrossOriginWrite, removeInvalidCallback } from './cross-origin';

describe('a write', () => {
  type Asked = { method?: string; url?: string; forwarded?: string; scheme?: string; address?: string };
  const write = (origin: string | undefined, { method, url, forwarded, scheme, address }: Asked = {}) =>
    isCrossOriginWrite(
      {
        method: method ?? 'POST',
        url: url ?? '/north/profiles',
        headers: {
          host: 'tagwell.example',
          ...(origin !== undefined && { origin }),
          ...(forwarded !== undefined && { 'x-forwarded-host': forwarded }),
          ...(scheme !== undefined && { 'x-forwarded-proto': scheme }),
        },
      },
      address,
    );

  it.each([
    'https://evil.example',
    'null',
    'https://tagwell.example:8443',
    'https://sub.tagwell.example',
    'http://',
    'nonsense',
    '',
    undefined,
  ])('of a page of %j is refused, by a server action and by a data route', (origin) => {
    for (const url of ['/north/profiles', '/data/north/tags']) expect(write(origin, { url })).toBe(true);
    expect(write(origin, { method: 'GET' })).toBe(false);
    expect(write(origin, { url: '/api/auth/callback/credentials' })).toBe(false);
  });

  it('of our own pages is accepted, also behind a proxy', () => {
    expect(write('https://tagwell.example')).toBe(false);
    expect(write('https://shop.example', { forwarded: 'shop.example' })).toBe(false);
    expect(write('https://tagwell.example', { forwarded: 'shop.example' })).toBe(true);
  });

  it('of a page with another scheme is refused where the scheme is known', () => {
    expect(write('https://tagwell.example', { scheme: 'https, http' })).toBe(false);
    expect(write('http://tagwell.example', { scheme: 'https' })).toBe(true);
    expect(write('https://tags.example', { address: 'https://tags.example/' })).toBe(false);
    expect(write('http://tags.example', { address: 'https://tags.example' })).toBe(true);
    expect(write('https://tagwell.example', { address: 'https://tags.example' })).toBe(true);
  });

  it('is refused with the address where Tagwell is', () => {
    expect(foreignOrigin('https://tags.example')).toContain('https://tags.example');
    expect(foreignOrigin(undefined)).toBe('This request did not come from a page of Tagwell.');
  });
});

describe('where to go after a sign-in', () => {
  const kept = (url: string, cookie?: string) => {
    const request = { url, headers: { ...(cookie !== undefined && { cookie }) } as IncomingHttpHeaders };
    removeInvalidCallback(request);
    return cookie === undefined ? request.url : request.headers.cookie;
  };
  const bad = ['javascript:alert(1)', 'nonsense', 'https://', '//', 'data:text/html,x', '\u0001'];
  const good = ['/north/tags?q=a', 'https://tagwell.example/north', 'http://other.example'];

  it.each(bad)('is removed from the query if it is not an address: %j', (text) => {
    const requested = `/api/auth/signin?x=1&callbackUrl=${encodeURIComponent(text)}`;
    expect(kept(requested)).toBe('/api/auth/signin?x=1');
    expect(kept(`${requested}&callbackUrl=%2Fnorth`)).toBe('/api/auth/signin?x=1');
    expect(kept(requested.replace('/api/auth', '/other'))).toContain('callbackUrl');
  });

  it.each(bad)('is removed from the cookies if it is not an address: %j', (text) => {
    for (const name of ['next-auth.callback-url', '__Secure-next-auth.callback-url']) {
      expect(kept('/north', `a=1; ${name}=${encodeURIComponent(text)}; b=2`)).toBe('a=1; b=2');
    }
    expect(kept('/north', 'next-auth.callback-url=%E0%A4%A')).toBe('');
  });

  it.each(good)('is kept if it is one: %j', (text) => {
    const [requested, cookie] = [
      `/api/auth/signin?callbackUrl=${encodeURIComponent(text)}`,
      `a=1; next-auth.callback-url=${encodeURIComponent(text)}; b=2`,
    ];
    expect(kept(requested)).toBe(requested);
    expect(kept('/north', cookie)).toBe(cookie);
  });
});
