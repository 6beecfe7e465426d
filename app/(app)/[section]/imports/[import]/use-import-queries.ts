'use client';
// Queries of the wizard while the person chooses.
import { useQuery } from '@tanstack/react-query';
import { answerOf } from '@/components/ui/answer-of';
import { getJson, postJson } from '@/components/ui/json';
import type { SectionId } from '@/lib/db/ids';
import type { Conversion, NamesInFile } from '@/lib/imports/preview';
import type { ImportView, Mapping, NameSeparator } from '@/lib/imports/schema';
import { checkFileAction } from '../actions';

/** Cache key of the format: results about cells are refetched when it changes. */
const formatKey = ({ format }: ImportView) => JSON.stringify(format);

/** What the first rows would become with this mapping; refetched when the whole file has been read (`whole`). */
export function useConversion(slug: string, found: ImportView, mapping: Mapping, whole: boolean) {
  const format = formatKey(found);
  return useQuery({
    queryKey: ['import-conversion', slug, found.id, format, whole, JSON.stringify(mapping)],
    queryFn: ({ signal }) =>
      postJson<Conversion>(`/data/${slug}/imports/${found.id}/conversion`, { mapping }, { signal }),
    // Cells read in another format are not used as a placeholder.
    placeholderData: (earlier, query) => (query?.queryKey[3] === format ? earlier : undefined),
  });
}

/** The names in tag columns that no tag has yet. `separator`: as chosen; if null, the likely one is found. */
export function useNamesInFile(
  slug: string,
  found: ImportView,
  columns: readonly number[],
  separator: NameSeparator | null,
) {
  const wanted = columns.join(',');
  const chosen = separator === null ? '' : `&separator=${encodeURIComponent(separator)}`;
  return useQuery({
    queryKey: ['import-names', slug, found.id, formatKey(found), wanted, separator],
    queryFn: () => getJson<NamesInFile>(`/data/${slug}/imports/${found.id}/names?columns=${wanted}${chosen}`),
    enabled: wanted !== '',
    staleTime: Infinity,
  });
}

/** The file's number of rows; reads the file to its end if that has not been done yet. */
export function useCheckedFile(sectionId: SectionId, found: ImportView) {
  const { data, error, isFetching, refetch } = useQuery({
    queryKey: ['import-check', sectionId, found.id, formatKey(found)],
    queryFn: async () => {
      const result = await answerOf(checkFileAction({ sectionId, importId: found.id }));
      if (!result.ok && result.refusal.code === 'unavailable') throw new Error(result.refusal.message);
      return result.ok ? result.value : { rows: 0, error: result.refusal.message };
    },
    enabled: !found.checked,
    staleTime: Infinity,
  });
  const checked = found.checked ? { rows: found.rows, error: found.fileError } : data;
  return { checked, failed: error, retrying: isFetching, retry: () => void refetch() };
}
