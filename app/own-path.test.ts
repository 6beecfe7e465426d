// Where a sign-in leads: to the requested page, and never to another site.
import { describe, expect, it } from 'vitest';
import { ownAddress, ownPath, signInPath } from './own-path';

describe('the way back after a sign-in', () => {
  it.each(['/sweden/profiles', '/sweden/profiles?q=anna%20b&tag=12&tag=13', '/'])(
    'leads to an internal page: %s',
    (path) => {
      expect(ownPath(path)).toBe(path);
      expect(ownPath(new URL(signInPath(path), 'http://x').searchParams.get('callbackUrl'))).toBe(path);
    },
  );

  it.each([
    ['/sweden/tags?q=a', 'http://localhost:5000/sweden/tags?q=a'],
    ['http://localhost:5000/sweden/tags', 'http://localhost:5000/sweden/tags'],
    ['http://localhost:5000.evil.com/', 'http://localhost:5000/'],
    ['\u0001//evil.com', 'http://localhost:5000/'],
    ['//evil.com/x', 'http://localhost:5000/'],
    ['https://localhost:5000/x', 'http://localhost:5000/'],
    ['http://localhost:5000//evil.com', 'http://localhost:5000/'],
  ])('from %s as a full address is %s', (wanted, expected) => {
    expect(ownAddress(wanted, 'http://localhost:5000')).toBe(expected);
  });

  it.each([
    undefined,
    '',
    'https://evil.example/',
    '//evil.example/',
    '/\\evil.example/',
    '/\t/evil.example/',
    '/.//evil.example/',
    '\\\\evil.example',
    'javascript:alert(1)',
    '/%5C/../..//evil.example',
    'sweden/profiles',
  ])('never leads elsewhere: %s', (path) => {
    expect(ownPath(path)).not.toMatch(/^\/[/\\]/);
    expect(new URL(ownPath(path), 'http://own.example').host).toBe('own.example');
  });
});
