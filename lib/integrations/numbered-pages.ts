// Reads by page number. A row that leaves moves those behind it one place forward, and one of them can slip onto a page that was read
// already. So everything is read again until nothing new comes.
import { CrmError } from './crm-error';
import { EachOnce } from './each-once';

/** Times that all pages are read at most. */
const PASSES = 4;

type Pages<Row> = {
  /** Page 0 is the first. An empty page is behind the last. */
  readPage: (page: number) => Promise<Row[]>;
  keyOf: (row: Row) => string;
  /** Rows of a full page. */
  pageSize: number;
  /** A page that is not full is the last. Otherwise only an empty page is the end. */
  endsShort: boolean;
  /** How many rows there are, as the CRM counted them with the last page. Absent: it does not. */
  counted?: () => number | undefined;
};

/** All rows, each once, page by page. Throws `incomplete` if pages repeat, or if rows keep changing. */
export async function* numberedPages<Row>({
  readPage,
  keyOf,
  pageSize,
  endsShort,
  counted,
}: Pages<Row>): AsyncGenerator<Row[], void, void> {
  const all = new EachOnce();
  for (let pass = 1; pass <= PASSES; pass += 1) {
    const before = all.seen;
    const inPass = new EachOnce();
    for (let page = 0; ; page += 1) {
      const rows = await readPage(page);
      inPass.take(rows, keyOf);
      const fresh = all.fresh(rows, keyOf);
      if (fresh.length > 0) yield fresh;
      if (rows.length < (endsShort ? pageSize : 1)) break;
    }
    const fits = (counted?.() ?? inPass.seen) === inPass.seen;
    // What fits on one page cannot move to another.
    if (fits && (pass > 1 ? all.seen === before : all.seen < pageSize)) return;
  }
  throw new CrmError(
    'incomplete',
    'The list changed all the time while it was read, or the CRM counts others than it sends, so somebody may be missing. Nothing was changed; the next run tries again.',
  );
}
