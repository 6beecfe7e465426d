import { askingRoute } from '@/app/write-route';
import { connectCrm } from '@/lib/integrations/connect';

/** Connects a CRM, which is asked first. */
export const POST = askingRoute(connectCrm);
