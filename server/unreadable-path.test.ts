import { expect, it } from 'vitest';
import { unreadablePath } from './unreadable-path';

it.each(['/north/profiles/%FF', '/data/north/%FF', '/%FF/profiles', '/north/%', '/north/%C3', '/north/tags?q=%00'])(
  'an address like %s is refused',
  (url) => expect(unreadablePath(url)).toMatch(/\.$/),
);

it.each(['/', '/north/profiles/1', '/n%C3%B6rd/tags', '/north/profiles?q=100%', '/_next/image?url=%2Fa'])(
  'an address like %s is accepted',
  (url) => expect(unreadablePath(url)).toBeNull(),
);
