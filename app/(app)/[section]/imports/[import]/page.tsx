import Link from 'next/link';
import { notFound } from 'next/navigation';
import { requireSection } from '@/app/viewer';
import { DateTime } from '@/components/ui/date-time';
import { PageHeader } from '@/components/ui/display';
import { listAttributes } from '@/lib/attributes/queries';
import { ImportIdSchema } from '@/lib/db/ids';
import { pool } from '@/lib/db/pool';
import { fileAsRead } from '@/lib/imports/as-read';
import { guessMapping, mappingAgain } from '@/lib/imports/guess';
import { phoneCountries } from '@/lib/imports/countries';
import { readFirstRows, readTop } from '@/lib/imports/file';
import {
  getEvidence,
  getImport,
  listRejects,
  mappingOfLikeFile,
  SAMPLE_ROWS,
  sampleColumns,
  settingsOfImport,
  tagsOfMapping,
} from '@/lib/imports/queries';
import { listLeftOut } from '@/lib/imports/left-out';
import { getOperation } from '@/lib/activity/queries';
import { listKeyspaces } from '@/lib/profiles/queries';
import { enteredKeyspaces } from '@/lib/profiles/schema';
import { ImportReport } from './import-report';
import { ImportWizard } from './import-wizard';

export const metadata = { title: 'Import' };

const REJECTS_SHOWN = 50;

type Props = { params: Promise<{ section: string; import: string }>; searchParams: Promise<{ like?: string }> };

/** `?like=7`: a file that is to be set up as that earlier import was. */
export default async function ImportPage({ params, searchParams }: Props) {
  const { section: slug, import: rawId } = await params;
  const { actor, section } = await requireSection(slug);
  const id = ImportIdSchema.safeParse(rawId);
  const found = id.success ? await getImport(pool(), section.id, id.data) : undefined;
  if (!found || found.status === 'uploading') notFound();
  const header = (
    <PageHeader title={found.fileName}>
      <Link href={`/${slug}/imports`} className="underline">
        All imports
      </Link>{' '}
      · {found.rows.toLocaleString('en-GB')} {found.rows === 1 ? 'row' : 'rows'} · uploaded{' '}
      <DateTime value={found.createdAt} /> {found.userName && `by ${found.userName}`}
    </PageHeader>
  );
  if (found.operationId !== null) {
    // One after the other: what an operation that is seen to have ended has rejected must be seen too.
    const operation = await getOperation(pool(), section.id, found.operationId);
    const rejects = await listRejects(pool(), section.id, found.id, { limit: REJECTS_SHOWN });
    const where = { sectionId: section.id, importId: found.id };
    const leftOut = await listLeftOut(pool(), where, { limit: REJECTS_SHOWN });
    const tags = await tagsOfMapping(pool(), section.id, found.mapping);
    const file = await fileAsRead(pool(), section.id, found);
    const byRow = found.mapping.columns.map(({ to }) => to === 'tags' || to === 'tag');
    return (
      <>
        {header}
        {operation && (
          <ImportReport
            section={{ id: section.id, slug }}
            found={found}
            tags={{ ...tags, columns: found.format.columns.filter((_name, index) => byRow[index]) }}
            operation={operation}
            rejects={rejects}
            leftOut={leftOut}
            file={file}
          />
        )}
      </>
    );
  }
  const likeId = ImportIdSchema.safeParse((await searchParams).like);
  const file = { sectionId: section.id, importId: found.id, format: found.format };
  const [first, top, attributes, keyspaces, like, asked, evidence] = await Promise.all([
    readFirstRows(pool(), file, SAMPLE_ROWS),
    readTop(pool(), file),
    listAttributes(pool(), section.id),
    listKeyspaces(pool(), actor.accountId),
    mappingOfLikeFile(pool(), section.id, found.format),
    likeId.success ? settingsOfImport(pool(), section.id, likeId.data, found.format.columns) : undefined,
    getEvidence(pool(), section.id, found.id),
  ]);
  const columns = sampleColumns(found.format.columns, first);
  const untouched = found.mapping.columns.length === 0;
  const guess = guessMapping(columns, keyspaces, attributes);
  const guessed = { ...found.mapping, ...guess };
  const earlier = asked?.sameColumns ? asked : like;
  const again = earlier && mappingAgain(earlier.mapping, columns, guess, { keyspaces, attributes, evidence });
  const mapping = untouched ? (again?.mapping ?? guessed) : found.mapping;
  // Still as it came back, it is still said where it came from.
  const isAsLike =
    again && earlier === like && JSON.stringify(mapping.columns) === JSON.stringify(again.mapping.columns);
  return (
    <>
      {header}
      <ImportWizard
        key={JSON.stringify(found.format)}
        section={{ id: section.id, slug }}
        found={found}
        columns={columns}
        top={top}
        countries={phoneCountries()}
        attributes={attributes}
        keyspaces={enteredKeyspaces(keyspaces)}
        initial={mapping}
        guessed={guessed}
        filledFrom={
          like && isAsLike ? { fileName: like.fileName, createdAt: like.createdAt, changed: again.changed } : null
        }
        setUpLike={untouched && asked ? { ...asked, changed: again?.changed ?? [] } : null}
      />
    </>
  );
}
