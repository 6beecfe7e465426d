// How often a form was seen and begun, and how far people came: counted in memory and written every few seconds, in one statement for each section.
// Nobody is followed: a count knows the day, the site that led here, and the step. A process that dies loses the counts of some seconds.
import type { FormId, SectionId } from '@/lib/db/ids';
import { pool } from '@/lib/db/pool';
import { execute, sql } from '@/lib/db/sql';

const WAIT_MS = 3_000;
/** Different counts that wait. Referrers are chosen by callers, so they must not fill the memory; more of them count as unknown. */
const WAITING_MAX = 10_000;
/** Sites that are told apart, of each form and day. */
const SITES_MAX = 200;

/** `seen`: a step was shown; the first one is 0. `begun`: somebody began to fill it in. */
export type FormCount = {
  sectionId: SectionId;
  formId: FormId;
  referrer: string;
  kind: 'seen' | 'begun';
  step: number;
};

type Waiting = FormCount & { day: string; count: number };

class FormCounts {
  #waiting = new Map<string, Waiting>();
  #sites = new Map<string, Set<string>>();
  #timer: NodeJS.Timeout | undefined;
  #writing: Promise<void> = Promise.resolve();

  /** Called when they could not be written. They are tried again. */
  onFailed: (error: unknown) => void = () => undefined;

  note(counted: FormCount, now: Date): void {
    const day = now.toISOString().slice(0, 10);
    this.#add({ ...counted, referrer: this.#site(counted, day), day, count: 1 });
    this.#timer ??= setTimeout(() => void this.written(), WAIT_MS);
  }

  /** Resolves once all that was noted so far is written, or could not be. */
  written(): Promise<void> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#writing = this.#writing.then(() => this.#write());
    return this.#writing;
  }

  #add(more: Waiting): void {
    const { sectionId, formId, day, referrer, kind, step } = more;
    const key = `${sectionId} ${formId} ${day} ${kind} ${step} ${referrer}`;
    const known = this.#waiting.get(key);
    if (known) known.count += more.count;
    else if (this.#waiting.size < WAITING_MAX) this.#waiting.set(key, more);
  }

  /** The site, or '' if the form has been told too many of them this day. */
  #site({ sectionId, formId, referrer }: FormCount, day: string): string {
    if (referrer === '') return '';
    const key = `${sectionId} ${formId} ${day}`;
    let sites = this.#sites.get(key);
    if (!sites) {
      if (this.#sites.size >= WAITING_MAX) this.#sites.clear();
      this.#sites.set(key, (sites = new Set()));
    }
    if (!sites.has(referrer) && sites.size >= SITES_MAX) return '';
    sites.add(referrer);
    return referrer;
  }

  async #write(): Promise<void> {
    const taken = [...this.#waiting.values()];
    this.#waiting = new Map();
    for (const sectionId of new Set(taken.map((each) => each.sectionId))) {
      const counts = taken.filter((each) => each.sectionId === sectionId);
      try {
        await writeCounts(sectionId, counts);
      } catch (error) {
        for (const count of counts) this.#add(count);
        this.#timer ??= setTimeout(() => void this.written(), WAIT_MS * 2);
        this.onFailed(error);
      }
    }
  }
}

/** Collects counts and writes them, for this process. */
export const formCounts = new FormCounts();

async function writeCounts(sectionId: SectionId, counts: readonly Waiting[]): Promise<void> {
  // In one order, so that two processes that write the same counts wait instead of failing.
  const sorted = counts.toSorted((one, other) => (keyOf(one) < keyOf(other) ? -1 : 1));
  await execute(
    pool(),
    sql`
      insert into form_count (section_id, form_id, day, referrer, kind, step, count)
      select ${sectionId}::int, given.form_id, given.day, given.referrer, given.kind, given.step, given.count
      from unnest(
        ${sorted.map(({ formId }) => formId)}::int[], ${sorted.map(({ day }) => day)}::date[],
        ${sorted.map(({ referrer }) => referrer)}::text[], ${sorted.map(({ kind }) => kind)}::text[],
        ${sorted.map(({ step }) => step)}::smallint[], ${sorted.map(({ count }) => count)}::bigint[]
      ) given (form_id, day, referrer, kind, step, count)
      on conflict (section_id, form_id, day, referrer, kind, step) do update
      set count = form_count.count + excluded.count`,
  );
}

const keyOf = ({ formId, day, referrer, kind, step }: Waiting): string =>
  `${formId} ${day} ${referrer} ${kind} ${step}`;
