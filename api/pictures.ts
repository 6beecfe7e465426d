// Pictures of messages, for mail programs: whoever has the address may see them. They never change, so they may be kept for good.
import type { OpenAPIHono } from '@hono/zod-openapi';
import { SectionIdSchema } from '@/lib/db/ids';
import { openPicture } from '@/lib/messages/pictures';
import { StorageError } from '@/lib/outbound/object-store';
import type { ApiEnvironment } from './context';

const UUID = '[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}';

export const PICTURE_PATH = new RegExp(`^/i/[0-9]+/${UUID}(?:[?#]|$)`);

export function addPictures(api: OpenAPIHono<ApiEnvironment>, onError: (error: unknown) => void): void {
  const away = (error: unknown): 'away' => {
    if (!(error instanceof StorageError)) throw error;
    onError(error);
    return 'away';
  };
  api.get(`/i/:section{[0-9]+}/:id{${UUID}}`, async (context) => {
    const { section, id } = context.req.param();
    const sectionId = SectionIdSchema.safeParse(section);
    const etag = `"${id}"`;
    const picture = sectionId.success ? await openPicture(sectionId.data, id).catch(away) : undefined;
    if (picture === 'away')
      return new Response('The picture cannot be read at the moment.', {
        status: 503,
        headers: { ...PLAIN, 'retry-after': '60' },
      });
    if (!picture) return new Response('There is no such picture.', { status: 404, headers: PLAIN });
    const headers = { ...HEADERS, etag, 'content-type': picture.type };
    if (context.req.header('if-none-match') === etag) return new Response(null, { status: 304, headers });
    return new Response(new Uint8Array(picture.bytes), { headers });
  });
}

const PLAIN = { 'content-type': 'text/plain; charset=utf-8', 'cache-control': 'no-store' };

const HEADERS = {
  'cache-control': 'public, max-age=31536000, immutable',
  'content-security-policy': `default-src 'none'; frame-ancestors 'none'`,
  'cross-origin-resource-policy': 'cross-origin',
  'x-content-type-options': 'nosniff',
  'x-robots-tag': 'noindex',
};
