// When the schedule syncs a connection next, or why it does not.
import { DateTime } from '@/components/ui/date-time';
import { nextSync, type Standing } from './words';

export function NextSync({ connection }: { connection: Standing }) {
  const next = nextSync(connection);
  return 'at' in next ? <DateTime value={next.at} exact /> : <span className="text-muted">{next.none}</span>;
}
