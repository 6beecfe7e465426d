// JSON logs on standard output. Secrets and personal data are not logged: messages carry ids.
import pino from 'pino';
import { environment } from '@/lib/config/environment';

export const log = pino({ level: environment().TAGWELL_LOG_LEVEL, base: { app: 'tagwell' } });
