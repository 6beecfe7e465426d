// The connection pool for the queue.
import type pg from 'pg';

type Callback = Parameters<pg.Pool['connect']>[0];

/**
 * The same pool, but releasing a connection twice is allowed. The queue does that if it is stopped while it starts to
 * listen and the connection breaks; pg's error would be an unhandled rejection and end the process.
 */
export function queuePool(pool: pg.Pool): pg.Pool {
  const connect = (callback?: Callback) =>
    callback === undefined
      ? pool.connect()
      : pool.connect((error, client, release) => {
          let released = false;
          callback(error, client, (reason) => {
            if (!released) release(reason);
            released = true;
          });
        });
  return new Proxy(pool, {
    get: (target, key, receiver): unknown => (key === 'connect' ? connect : Reflect.get(target, key, receiver)),
  });
}
