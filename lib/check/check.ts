// Checks a database against the product's invariants: read-only, section by section, each in one snapshot, so that it
// can run beside a busy server.
import type { SectionId } from '@/lib/db/ids';
import { pool } from '@/lib/db/pool';
import { execute, one, rows, sql, type Tx } from '@/lib/db/sql';
import { keysNotNormalised } from './keys';
import { INVARIANTS } from './invariants';

/** How many examples are shown for each rule. */
const EXAMPLES = 5;

/** A violated rule. `examples`: up to five violations. */
export type Violation = { sectionId: SectionId; rule: string; offenders: number; examples: string[] };

type Progress = {
  /** Called before each section is checked. `name`: for a person. */
  onSection?: (section: { id: SectionId; name: string }) => void;
  /** Called after each rule, with the duration of the check in milliseconds. */
  onRule?: (rule: string, broken: Violation | undefined, ms: number) => void;
};

/** Checks every rule in every section. Returns the violated rules: none for valid data. */
export async function checkDatabase({ onSection, onRule }: Progress = {}): Promise<Violation[]> {
  const sections = await rows<{ id: SectionId; name: string }>(
    pool(),
    sql`
      select section.id, account.name || ' / ' || section.name as name
      from section join account on account.id = section.account_id
      order by section.id`,
  );
  const broken: Violation[] = [];
  for (const section of sections) {
    onSection?.(section);
    for (const found of await checkSection(section.id, onRule)) broken.push(found);
  }
  return broken;
}

async function checkSection(sectionId: SectionId, onRule: Progress['onRule']): Promise<Violation[]> {
  const db = await pool().connect();
  let failed: Error | undefined;
  const broken: Violation[] = [];
  const ask = async (rule: string, look: () => Promise<Found>) => {
    const started = performance.now();
    const { offenders, examples } = await look();
    const found = offenders > 0 ? { sectionId, rule, offenders, examples } : undefined;
    if (found) broken.push(found);
    onRule?.(rule, found, performance.now() - started);
  };
  try {
    await execute(db, sql`begin isolation level repeatable read read only`);
    for (const { rule, offenders } of INVARIANTS) await ask(rule, () => find(db, sectionId, offenders));
    await ask('Profile keys are stored in their normalised form', () => keysNotNormalised(db, sectionId, EXAMPLES));
    return broken;
  } finally {
    await execute(db, sql`rollback`).catch((error: Error) => (failed = error));
    db.release(failed);
  }
}

export type Found = { offenders: number; examples: string[] };

const find = (db: Tx, sectionId: SectionId, offenders: (typeof INVARIANTS)[number]['offenders']): Promise<Found> =>
  one<Found>(
    db,
    sql`
      with offenders as materialized (${offenders(sectionId)})
      select (select count(*) from offenders) as offenders,
        array(select what::text from offenders limit ${EXAMPLES}) as examples`,
  );
