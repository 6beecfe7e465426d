// A CSV file as a download, streamed as it is read from the database.

import { Readable } from 'node:stream';

/** `lines` come as they are made; the browser saves them under `fileName`. */
export function csvResponse(lines: AsyncIterable<string>, fileName: string): Response {
  const stream = Readable.toWeb(Readable.from(encoded(lines))) as ReadableStream;
  const plain = fileName.replace(/[^\w. -]/g, '_');
  return new Response(stream, {
    headers: {
      'content-type': 'text/csv; charset=utf-8',
      'content-disposition': `attachment; filename="${plain}"; filename*=UTF-8''${encodeURIComponent(fileName)}`,
      'cache-control': 'no-store',
    },
  });
}

async function* encoded(lines: AsyncIterable<string>): AsyncGenerator<Buffer> {
  for await (const line of lines) yield Buffer.from(line);
}
