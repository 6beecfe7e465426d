// Streams that hold a resource, such as a connection, for as long as they are read: closed when the reader leaves or stops reading.
import { Cancelled } from './cancellable';

/** How long a reader may take to ask for the next piece. Milliseconds. */
const IDLE_MS = 60_000;

export type IdleTimeout = {
  /** Aborted when the reader has left. */
  signal?: AbortSignal;
  idleMs?: number;
};

/**
 * Passes on what `reading` yields. If the reader leaves, or does not ask for the next piece within `idleMs`, the source is closed
 * at once. A reader that comes back after that gets `Cancelled`, so that what it has does not look complete.
 */
export async function* withIdleTimeout<Piece>(
  reading: AsyncGenerator<Piece>,
  { signal, idleMs = IDLE_MS }: IdleTimeout,
): AsyncGenerator<Piece> {
  let left = false;
  const end = () => {
    left = true;
    // Takes effect after the piece that is being made. A failure reaches the reader that waits for that piece.
    reading.return(undefined).catch(() => undefined);
  };
  if (signal?.aborted) end();
  else signal?.addEventListener('abort', end, { once: true });
  let idle: NodeJS.Timeout | undefined;
  try {
    for await (const piece of reading) {
      if (left) break;
      idle = setTimeout(end, idleMs);
      yield piece;
      clearTimeout(idle);
    }
    if (left) throw new Cancelled('abandoned');
  } finally {
    clearTimeout(idle);
    signal?.removeEventListener('abort', end);
  }
}
