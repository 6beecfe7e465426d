// A consumer of signals for tests to kill: leases a section's signals, reports which, and then hangs.
import { pool, transaction } from '@/lib/db/pool';
import { SectionIdSchema } from '@/lib/db/ids';
import { consumeSignals, leaseSignals } from '@/lib/signals/inbox';

const [method, section, consumer = ''] = process.argv.slice(2);
const inbox = { sectionId: SectionIdSchema.parse(section), consumer };
const which = { limit: 100, now: new Date() };
const hang = async (ids: number[]) => {
  process.stdout.write(`${JSON.stringify(ids)}\n`);
  await new Promise(() => setInterval(() => undefined, 60_000));
};

if (method === 'lease') {
  await hang((await leaseSignals(pool(), inbox, { ...which, leaseMs: 60_000 })).map(({ id }) => id));
} else {
  await transaction(async (tx) => hang((await consumeSignals(tx, inbox, which)).map(({ id }) => id)));
}
