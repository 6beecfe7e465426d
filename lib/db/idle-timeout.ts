// Streams that hold a resource, such as a connection, while they are read: closed when the reader leaves or stalls.
import { Cancelled } from './cancellable';

/** How long a reader may take to request the next piece. Milliseconds. */
const IDLE_MS = 60_000;

export type IdleTimeout = {
  /** Aborted when the reader leaves. */
  signal?: AbortSignal;
  idleMs?: number;
};

/**
 * Passes on what `reading` yields. If the reader leaves, or does not request the next piece within `idleMs`, the source
 * is closed at once. A reader that resumes after that gets `Cancelled`, so that its partial data does not look
 * complete.
 */
export async function* withIdleTimeout<Piece>(
  reading: AsyncGenerator<Piece>,
  { signal, idleMs = IDLE_MS }: IdleTimeout,
): AsyncGenerator<Piece> {
  let left = false;
  const end = () => {
    left = true;
    // Takes effect after the current piece. An error goes to the reader that waits for that piece.
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
