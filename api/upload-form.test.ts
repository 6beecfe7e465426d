// Reading an upload form always finishes, whatever the client does.
import { setImmediate } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { BrokenForm, readForm } from './upload-form';

const FIELD = '--b\r\ncontent-disposition: form-data; name="token"\r\n\r\nT\r\n';
const FILE = '--b\r\ncontent-disposition: form-data; name="file"; filename="a.csv"\r\n\r\n';

/** A request whose body has these pieces; then it ends, or with `gone` the client disconnects. */
function request(pieces: string[], { gone = false, type = 'multipart/form-data; boundary=b' } = {}): Request {
  const encoder = new TextEncoder();
  const body = new ReadableStream({
    pull(controller) {
      const piece = pieces.shift();
      if (piece !== undefined) controller.enqueue(encoder.encode(piece));
      else if (gone) controller.error(new Error('aborted'));
      else controller.close();
    },
  });
  const init = { method: 'POST', headers: { 'content-type': type }, body, duplex: 'half' };
  return new Request('http://localhost/uploads', init);
}

async function textOf(file: AsyncIterable<Uint8Array>): Promise<string> {
  let text = '';
  for await (const piece of file) text += Buffer.from(piece).toString();
  return text;
}

describe('the form of an upload', () => {
  it('yields its fields, then the file', async () => {
    const form = (await readForm(request([FIELD, FILE, 'Email\r\n', 'a@b.se', '\r\n--b--\r\n'])))!;
    expect([...form.fields, form.name]).toEqual([['token', 'T'], 'a.csv']);
    expect(await textOf(form.bytes)).toBe('Email\r\na@b.se');
  });

  it.each([
    ['the client disconnects before the form', request([], { gone: true })],
    ['the client disconnects within the fields', request([FIELD, '--b\r\ncontent-dispo'], { gone: true })],
    ['the form ends within the fields', request([FIELD, '--b\r\ncontent-dispo'])],
    ['the form has no file', request([FIELD, '--b--\r\n'])],
    ['the body is not a form', request(['Email\r\na@b.se\r\n'])],
    ['the body is empty', request([])],
    ['there is no boundary', request([FIELD], { type: 'multipart/form-data' })],
  ])('is null if %s', async (_what, broken) => {
    expect(await readForm(broken)).toBeNull();
  });

  it.each([
    ['the client disconnects', true],
    ['the form ends', false],
  ])('has a file that fails if %s in the middle of it, whether or not it is being read', async (_what, gone) => {
    const broken = () => request([FIELD, FILE, 'Email\r\n', 'a@'], { gone });
    const reading = (await readForm(broken()))!;
    await expect(textOf(reading.bytes)).rejects.toThrow(BrokenForm);
    const later = (await readForm(broken()))!;
    for (let turn = 0; turn < 20; turn++) await setImmediate();
    await expect(textOf(later.bytes)).rejects.toThrow(BrokenForm);
  });

  it('whose file is not wanted is drained to its end', async () => {
    const pieces = [FIELD, FILE, ...Array<string>(200).fill('x'.repeat(10_000)), '\r\n--b--\r\n'];
    const form = (await readForm(request(pieces)))!;
    form.close();
    while (pieces.length > 0) await setImmediate();
  });
});
