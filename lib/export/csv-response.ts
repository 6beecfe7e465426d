// A CSV file as a download, streamed as it is read from the database.

/**
 * `lines` come as they are made; the browser saves them under `fileName`. What is wrong at the beginning is thrown, so that it
 * can still be answered otherwise.
 */
export async function csvResponse(lines: AsyncIterable<string>, fileName: string): Promise<Response> {
  const reading = lines[Symbol.asyncIterator]();
  const encoder = new TextEncoder();
  let next: Promise<IteratorResult<string>> | null = Promise.resolve(await reading.next());
  const stream = new ReadableStream<Uint8Array>({
    pull: async (controller) => {
      const { done, value } = await (next ?? reading.next());
      next = null;
      if (done) controller.close();
      else controller.enqueue(encoder.encode(value));
    },
    cancel: async () => {
      await reading.return?.();
    },
  });
  const plain = fileName.replace(/[^\w. -]/g, '_');
  return new Response(stream, {
    headers: {
      'content-type': 'text/csv; charset=utf-8',
      'content-disposition': `attachment; filename="${plain}"; filename*=UTF-8''${encodeURIComponent(fileName)}`,
      'cache-control': 'no-store',
    },
  });
}
