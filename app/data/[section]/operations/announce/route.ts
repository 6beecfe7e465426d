import { writeRoute } from '@/app/write-route';
import { announceOperations } from '@/lib/activity/commands';

/** Marks ended work as announced; answers with what this tab is to announce. */
export const POST = writeRoute(announceOperations);
