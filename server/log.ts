// JSON logs on standard output. Secrets and personal data are not logged: messages carry ids.
import pino from 'pino';

/** server/main.ts sets its level once the environment has been read. */
export const log = pino({ base: { app: 'tagwell' } });
