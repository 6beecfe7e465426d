// JSON logs on standard output. Secrets and personal data are not logged: messages contain ids.
import pino from 'pino';
import { errorForLog } from './error-for-log';

/** server/main.ts sets its level once the environment has been parsed. */
export const log = pino({ base: { app: 'tagwell' }, serializers: { err: (error: unknown) => errorForLog(error) } });
