// Sent mails that are on the web for anybody: nothing in them is a person's, and nothing is noted of who reads them.
import type { OpenAPIHono } from '@hono/zod-openapi';
import { originOf } from '@/lib/access/origin';
import { networkOf } from '@/lib/config/address-range';
import { PREFERENCES } from '@/lib/config/limits';
import { SectionIdSchema } from '@/lib/db/ids';
import { ARCHIVE_PATH, readArchivePage } from '@/lib/messages/archive';
import type { ApiEnvironment } from './context';
import { MAIL_HEADERS } from './mail-page';
import { Minutes } from './minutes';
import { message, tooMany } from './public-page';

export function addArchive(api: OpenAPIHono<ApiEnvironment>): void {
  const addresses = new Minutes(PREFERENCES.perAddress);
  api.get('/a/:section{[0-9]+}/:code{.+}', async (context) => {
    if (!addresses.take(networkOf(originOf(context.req.raw.headers).ip))) return tooMany();
    const [, section, code] = ARCHIVE_PATH.exec(context.req.path) ?? [];
    const sectionId = SectionIdSchema.safeParse(section);
    const page = sectionId.success && code !== undefined ? await readArchivePage(sectionId.data, code) : undefined;
    if (!page) return message(404, 'There is no such page', 'It may have been taken off the web.');
    const { 'x-robots-tag': hidden, ...headers } = MAIL_HEADERS;
    return new Response(page.html, { headers: page.searchable ? headers : { ...headers, 'x-robots-tag': hidden } });
  });
}
