// CSV files for the signed-in person. With `?check` in its address, a file is only checked: so a page can show a refusal in
// its own words, where a download would show the browser's.
import { csvResponse } from '@/lib/export/csv-response';
import { readRoute, type Read } from './read-route';

/** `onStart`: called before the file is sent, but not for a check. `lines` are computed only when they are read. */
type File = { fileName: string; lines: AsyncIterable<string>; onStart?: () => Promise<void> };

/** A route handler for a file of a section. */
export function fileRoute<Names extends string = never>(open: (context: Read<Names>) => Promise<File>) {
  return readRoute<Names>(async (context) => {
    const { fileName, lines, onStart } = await open(context);
    if (context.search.has('check')) return { ok: true, value: null };
    await onStart?.();
    return csvResponse(lines, fileName);
  });
}
