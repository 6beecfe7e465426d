// XML as a stream of tags: only the current piece is in memory.
import { Parser } from 'htmlparser2';
import { LIMITS } from './limits.mjs';
import { damaged, tooDeep } from './problem.mjs';

/**
 * Feeds the bytes to the handlers `open(name)`, `attribute(name, value)`, `text(text)` and `close(name)`, with names
 * without prefix. After each piece, yields what `found()` returns and stops if `done()` says so. A document's own
 * entities are not expanded, so they cannot multiply. Throws `Problem` if the document ends early.
 */
export async function* readXml(
  /** @type {AsyncIterable<Uint8Array>} */ pieces,
  { open, attribute, text, close, found, done },
) {
  const parser = new Parser(
    {
      onopentagname: (name) => {
        if (++depth > LIMITS.depth) throw tooDeep();
        open?.(local(name));
      },
      onattribute: (name, value) => attribute?.(local(name), value),
      ontext: (value) => text?.(value),
      onclosetag: (name, implied) => {
        // Self-closing tags are implied too, but only the end of the document leaves others open.
        if (implied && ended) throw damaged();
        depth--;
        close?.(local(name));
      },
    },
    { xmlMode: true },
  );
  let depth = 0;
  let ended = false;
  let decoder;
  for await (const piece of pieces) {
    decoder ??= new TextDecoder(encodingOf(piece));
    parser.write(decoder.decode(piece, { stream: true }));
    const items = found?.();
    if (items) yield items;
    if (done?.()) return;
  }
  ended = true;
  parser.end(decoder?.decode());
  const items = found?.();
  if (items) yield items;
}

/** Reads a whole document with handlers that collect what they find. */
export async function readAll(pieces, handlers) {
  await readXml(pieces, handlers).next();
}

export const readWhole = (bytes, handlers) => readAll(slices(bytes), handlers);

export async function* slices(/** @type {Uint8Array} */ bytes) {
  for (let at = 0; at < bytes.length; at += 65_536) yield bytes.subarray(at, at + 65_536);
}

function local(name) {
  const colon = name.indexOf(':');
  return colon < 0 ? name : name.slice(colon + 1);
}

function encodingOf(start) {
  if (start[0] === 0xff && start[1] === 0xfe) return 'utf-16le';
  if (start[0] === 0xfe && start[1] === 0xff) return 'utf-16be';
  const declared = /^(?:\xef\xbb\xbf)?<\?xml[^>]{0,200}encoding=["']([\w-]{1,40})["']/.exec(
    Buffer.from(start.subarray(0, 300)).toString('latin1'),
  );
  try {
    return new TextDecoder(declared?.[1] ?? 'utf-8').encoding;
  } catch {
    return 'utf-8';
  }
}
