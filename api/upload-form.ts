// Reads the form around an uploaded file. Always finishes, also if the client stops midway or sends no form.
import Busboy from '@fastify/busboy';
import { finished, Readable } from 'node:stream';
import type { ReadableStream as WebStream } from 'node:stream/web';

/** The form ended before its file did, or is malformed. */
export class BrokenForm extends Error {}

/** `bytes`: the file; fails with `BrokenForm` unless it is complete. `close`: discards the rest. */
export type UploadForm = {
  fields: Map<string, string>;
  name: string;
  bytes: AsyncIterable<Uint8Array>;
  close: () => void;
};

/** The fields of a form, which come first, and its file as a stream. Null if there is no file or no form. */
export function readForm({ body, headers }: Request): Promise<UploadForm | null> {
  const form = parserFor(headers.get('content-type') ?? '');
  if (!body || !form) return Promise.resolve(null);
  const source = Readable.fromWeb(body as WebStream);
  /** Drains the rest of the body: cutting it would cut the response too. */
  const release = () => {
    source.unpipe(form);
    source.resume();
  };
  return new Promise((resolve) => {
    const fields = new Map<string, string>();
    let file: Readable | undefined;
    form.on('field', (name, value) => fields.set(name, value));
    form.on('file', (_field, stream, name) => {
      file = stream;
      // The parser emits its error on the file but does not close it, and nobody may be reading yet.
      stream.on('error', () => stream.destroy()).once('close', release);
      resolve({ fields, name: name || 'import.csv', bytes: wholeOf(stream), close: () => stream.destroy() });
    });
    finished(form, (error) => {
      if (error) file?.destroy();
      resolve(null);
      release();
    });
    finished(source, (error) => error && form.destroy(error));
    source.pipe(form);
  });
}

async function* wholeOf(file: Readable): AsyncGenerator<Uint8Array> {
  try {
    for await (const piece of file) yield piece as Uint8Array;
  } catch (error) {
    throw new BrokenForm(error instanceof Error ? error.message : String(error));
  }
}

function parserFor(contentType: string): ReturnType<typeof Busboy> | null {
  if (!contentType.startsWith('multipart/form-data')) return null;
  try {
    return Busboy({
      headers: { 'content-type': contentType },
      limits: { fields: 20, fieldSize: 1_000, files: 1 },
    });
  } catch {
    // No boundary in the content type.
    return null;
  }
}
