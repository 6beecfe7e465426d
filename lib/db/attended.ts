// Readings that hold something for as long as they go on, such as a connection: ended when their reader has left or stands still.
import { Interrupted } from './interruptible';

/** How long a reader may take until it asks for the next piece, in milliseconds. */
const IDLE_MS = 60_000;

export type Attendance = {
  /** Aborted when the reader has left. */
  signal?: AbortSignal;
  idleMs?: number;
};

/**
 * What `reading` gives, while somebody reads on. Where the reader leaves, or does not ask for the next piece in time, the reading
 * is ended at once, whether or not somebody asks again; who does is told by `Interrupted`, so that it does not look complete.
 */
export async function* attended<Piece>(
  reading: AsyncGenerator<Piece>,
  { signal, idleMs = IDLE_MS }: Attendance,
): AsyncGenerator<Piece> {
  let left = false;
  const end = () => {
    left = true;
    // After the piece that is being made, if one is. Whoever waits for that hears of a failure.
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
    if (left) throw new Interrupted('abandoned');
  } finally {
    clearTimeout(idle);
    signal?.removeEventListener('abort', end);
  }
}
