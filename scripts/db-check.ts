// `npm run db:check`: checks the product's invariants in the database and reports violations. Reads only, so it can run beside a
// busy server. Uses the database of DATABASE_URL, or the embedded one of the data folder. Exit code 1: an invariant is violated; 2:
// the check could not run.
import { checkDatabase } from '@/lib/check/check';
import { onDatabase } from './open-database';

async function check(): Promise<number> {
  const broken = await checkDatabase({
    onSection: ({ id, name }) => console.log(`\nSection ${id}: ${name}`),
    onRule: (rule, found, ms) => {
      console.log(`${found ? 'WRONG' : 'ok   '}  ${rule} (${(ms / 1_000).toFixed(1)} s)`);
      if (!found) return;
      console.log(`       ${found.offenders.toLocaleString('en-GB')} times it does not hold, such as:`);
      for (const example of found.examples) console.log(`       - ${example}`);
    },
  });
  const wrong = broken.length === 1 ? '1 rule does not hold.' : `${broken.length} rules do not hold.`;
  console.log(`\n${broken.length === 0 ? 'All rules hold.' : wrong}`);
  return broken.length === 0 ? 0 : 1;
}

await onDatabase(check);
