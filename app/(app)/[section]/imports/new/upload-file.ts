// Sends a file to the server for an import.
import type { RefusalCode, Result } from '@/lib/access/refusal';

/** Uploads a file for an import: `{ id }`. By XMLHttpRequest, since fetch does not report progress. `onProgress`: the share that was sent. */
export function uploadFile(
  slug: string,
  file: File,
  onProgress: (share: number) => void = () => undefined,
): Promise<Result<{ id: number }>> {
  const failed = (message: string, code: RefusalCode = 'invalid'): Result<never> => ({
    ok: false,
    refusal: { code, message },
  });
  return new Promise((resolve) => {
    const request = new XMLHttpRequest();
    let sent = 0;
    request.upload.onprogress = (event) => {
      sent = event.loaded;
      onProgress(event.loaded / Math.max(1, event.total));
    };
    request.onload = () => {
      try {
        const answer = JSON.parse(request.responseText) as Result<{ id: number }> | { message: string };
        resolve('ok' in answer ? answer : failed(answer.message, request.status === 401 ? 'not_signed_in' : 'invalid'));
      } catch {
        resolve(failed('The server could not accept the file. Try again in a moment.'));
      }
    };
    request.onerror = () => {
      const megabytes = (sent / 1_048_576).toFixed(1);
      resolve(failed(`The connection was lost after ${megabytes} MB. Nothing was saved. Try again.`));
    };
    request.open('POST', `/data/${slug}/imports/upload?name=${encodeURIComponent(file.name)}`);
    request.setRequestHeader('content-type', 'application/octet-stream');
    request.send(file);
  });
}
