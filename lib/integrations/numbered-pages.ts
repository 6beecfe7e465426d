// Reads by page number. A row that leaves moves those behind it one place forward, and one of them can slip onto a page that was read
// already. So everything is read again until nothing new comes.
import { CrmError } from './crm-error';
import { EachOnce } from './each-once';

/** Times that all pages are read at most. */
const PASSES = 4;

type Pages<Row> = {
  /** Page 0 is the first; a page has at most `size` rows. An empty page is behind the last. */
  readPage: (page: number, size: number) => Promise<Row[]>;
  keyOf: (row: Row) => string;
  /** Rows of a full page. */
  pageSize: number;
  /** How many rows there are, as the CRM counted them with the last page. Absent: it does not. */
  counted?: () => number | undefined;
};

/**
 * All rows, each once, page by page. Only an empty page or the CRM's count is the end: servers may give fewer rows than they are
 * asked for. Throws `incomplete` if pages repeat, or if rows keep changing.
 */
export async function* numberedPages<Row>({
  readPage,
  keyOf,
  pageSize,
  counted,
}: Pages<Row>): AsyncGenerator<Row[], void, void> {
  const all = new EachOnce();
  let size = pageSize;
  for (let pass = 1; pass <= PASSES; pass += 1) {
    const before = all.seen;
    const inPass = new EachOnce();
    let filled = 0;
    for (let page = 0; ; page += 1) {
      const rows = await readPage(page, size);
      // After a short page, one that has nothing new is an end too: the server gives all at once, whatever page is asked for.
      const isEnd = page === 1 && size < pageSize ? inPass.fresh(rows, keyOf).length === 0 : rows.length === 0;
      if (page !== 1 || size === pageSize) inPass.take(rows, keyOf);
      const fresh = all.fresh(rows, keyOf);
      if (fresh.length > 0) yield fresh;
      if (rows.length > 0) filled += 1;
      if (isEnd) break;
      const count = counted?.();
      if (count !== undefined && inPass.seen >= count) break;
      // The server may cut its pages. Asked for so many, it cannot leave a gap before the next page.
      if (page === 0) size = Math.min(size, rows.length);
    }
    const fits = (counted?.() ?? inPass.seen) === inPass.seen;
    // What fits on one page cannot move to another.
    if (fits && (pass > 1 ? all.seen === before : filled <= 1 && all.seen < pageSize)) return;
  }
  throw new CrmError(
    'incomplete',
    'The list changed all the time while it was read, or the CRM counts others than it sends, so somebody may be missing. Nothing was changed; the next run tries again.',
  );
}
