// The secret that signs sessions. With the embedded database it is generated at the first start and kept in the data folder.
import { randomBytes } from 'node:crypto';
import path from 'node:path';
import { EnvironmentError, type Environment } from '@/lib/config/environment';
import { writeOnce } from '@/lib/db/embedded-files';

/** The signing secret. Throws `EnvironmentError` if the operator has to choose one. */
export function sessionSecret(settings: Environment): string {
  if (settings.TAGWELL_SECRET) return settings.TAGWELL_SECRET;
  if (settings.DATABASE_URL) {
    throw new EnvironmentError(
      'TAGWELL_SECRET must be set with DATABASE_URL, the same for every process: make one with `openssl rand -base64 32`',
    );
  }
  return writeOnce(path.join(settings.TAGWELL_DATA_DIR, 'secret'), () => randomBytes(32).toString('base64'));
}
