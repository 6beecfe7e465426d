// JSON logs on standard output. Secrets and personal data are not logged: messages carry ids.
import pino from 'pino';
import { errorForLog } from './error-for-log';

/** server/main.ts sets its level once the environment has been read. */
export const log = pino({ base: { app: 'tagwell' }, serializers: { err: (error: unknown) => errorForLog(error) } });
