// Files in a storage that speaks the S3 protocol, which the operator may choose by the environment. Its address is the operator's, not a person's, so it
// may be in the internal network; it cannot lead elsewhere by a redirect. What it says is not believed: callers check what they get by its hash.
import { createHash } from 'node:crypto';
import { AwsClient } from 'aws4fetch';
import { environment } from '@/lib/config/environment';
import { STORAGE } from '@/lib/config/limits';

/** The storage does not do what it was asked. The message is for the log. */
export class StorageError extends Error {}

type Place = { endpoint: string; bucket: string; region: string; accessKey: string; secretKey: string };

export class ObjectStore {
  private readonly client: AwsClient;

  constructor(private readonly place: Place) {
    const { accessKey, secretKey, region } = place;
    this.client = new AwsClient({ accessKeyId: accessKey, secretAccessKey: secretKey, region, service: 's3' });
  }

  /** Writes an object, over one of the same key. */
  async put(key: string, bytes: Uint8Array, type: string): Promise<void> {
    await this.call(
      key,
      { method: 'PUT', body: Buffer.from(bytes), headers: { 'content-type': type } },
      async (answer) => {
        await answer.body?.cancel();
        if (answer.status !== 200) throw new StorageError(`The storage answered ${answer.status} to a PUT.`);
      },
    );
  }

  /** An object's bytes; undefined if there is none. Fails if it has more than `most`. */
  get(key: string, most: number): Promise<Uint8Array | undefined> {
    return this.call(key, { method: 'GET' }, async (answer) => {
      if (answer.status === 200) return readAll(answer, most);
      await answer.body?.cancel();
      if (answer.status === 404) return undefined;
      throw new StorageError(`The storage answered ${answer.status} to a GET.`);
    });
  }

  /** One call, whole within its time. */
  private async call<Answer>(
    key: string,
    { method, body, headers }: { method: string; body?: Buffer; headers?: Record<string, string> },
    read: (answer: Response) => Promise<Answer>,
  ): Promise<Answer> {
    const { endpoint, bucket } = this.place;
    const hash = createHash('sha256')
      .update(body ?? '')
      .digest('hex');
    const signed = await this.client.sign(`${endpoint.replace(/\/+$/, '')}/${bucket}/${key}`, {
      method,
      headers: { ...headers, 'x-amz-content-sha256': hash },
    });
    try {
      const answer = await fetch(signed.url, {
        method,
        headers: signed.headers,
        body: body && new Uint8Array(body),
        redirect: 'manual',
        signal: AbortSignal.timeout(STORAGE.timeoutMs),
      });
      return await read(answer);
    } catch (error) {
      if (error instanceof StorageError) throw error;
      throw new StorageError(`The storage did not answer a ${method}.`, { cause: error });
    }
  }
}

async function readAll(answer: Response, most: number): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  // Leaving the loop ends the stream, and with it the connection.
  for await (const chunk of answer.body ?? []) {
    size += chunk.length;
    if (size > most) throw new StorageError('The storage gave more bytes than the object has.');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

let opened: { place: Place; store: ObjectStore } | undefined;

/** The operator's storage; undefined if there is none: then files stay in the database. */
export function objectStore(): ObjectStore | undefined {
  const settings = environment();
  const { TAGWELL_S3_ENDPOINT: endpoint, TAGWELL_S3_BUCKET: bucket, TAGWELL_S3_REGION: region } = settings;
  const { TAGWELL_S3_ACCESS_KEY: accessKey, TAGWELL_S3_SECRET_KEY: secretKey } = settings;
  if (!endpoint || !bucket || !accessKey || !secretKey) return undefined;
  const place = { endpoint, bucket, region, accessKey, secretKey };
  if (JSON.stringify(opened?.place) !== JSON.stringify(place)) opened = { place, store: new ObjectStore(place) };
  return opened!.store;
}
