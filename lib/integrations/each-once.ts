// Pages of a read, without what came before. A page that brings nothing new means that the read goes round in circles.
import { CrmError } from './crm-error';

export class EachOnce {
  readonly #keys = new Set<string>();

  /** Things taken so far, each once. */
  get seen(): number {
    return this.#keys.size;
  }

  has(key: string): boolean {
    return this.#keys.has(key);
  }

  /** The page without what was taken before. Throws `incomplete` if it has something, and nothing of it is new. */
  take<Row>(page: readonly Row[], keyOf: (row: Row) => string): Row[] {
    const fresh = this.fresh(page, keyOf);
    if (page.length === 0 || fresh.length > 0) return fresh;
    throw new CrmError(
      'incomplete',
      'The CRM sent the same page twice, so the read cannot be complete. Nothing was changed; the next run tries again.',
    );
  }

  /** Like `take`, where repeats are usual. */
  fresh<Row>(rows: readonly Row[], keyOf: (row: Row) => string): Row[] {
    return rows.filter((row) => {
      const key = keyOf(row);
      if (this.#keys.has(key)) return false;
      this.#keys.add(key);
      return true;
    });
  }
}
