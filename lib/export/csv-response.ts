/** The day for the name of a file: '2026-11-26', in UTC. */
export const today = (): string => new Date().toISOString().slice(0, 10);

/**
 * Streams `lines` as a file that the browser saves under `fileName`. An error before the first line is thrown, so that it can still
 * be answered with a status.
 */
export async function csvResponse(lines: AsyncIterable<string>, fileName: string): Promise<Response> {
  const reading = lines[Symbol.asyncIterator]();
  const encoder = new TextEncoder();
  let first: IteratorResult<string> | null = await reading.next();
  const stream = new ReadableStream<Uint8Array>({
    pull: async (controller) => {
      const next: IteratorResult<string> = first ?? (await reading.next());
      first = null;
      if (next.done) controller.close();
      else controller.enqueue(encoder.encode(next.value));
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
