import type { Metadata } from 'next';
import { Link } from '@/components/ui/link';
import { valueForPage } from '@/app/value-for-page';
import { requireSection } from '@/app/viewer';
import { DateTime } from '@/components/ui/date-time';
import { PageHeader } from '@/components/ui/display';
import { guessMapping, reuseMapping } from '@/lib/imports/guess';
import { phoneCountries } from '@/lib/imports/countries';
import { sampleColumns } from '@/lib/imports/queries';
import { readTopics } from '@/lib/consents/reads';
import { readImport } from '@/lib/imports/reads';
import { readImportPage } from '@/lib/activity/import-page';
import { enteredKeyspaces } from '@/lib/profiles/schema';
import { ImportReport } from './import-report';
import { ImportWizard } from './import-wizard';

type Props = { params: Promise<{ section: string; import: string }>; searchParams: Promise<{ like?: string }> };

export async function generateMetadata({ params }: Props): Promise<Metadata> {
  const { section: slug, import: importId } = await params;
  const { actor, section } = await requireSection(slug);
  const found = await readImport(actor, { sectionId: section.id, importId });
  return { title: found.ok ? `Import of ${found.value.fileName}` : 'Import' };
}

/** `?like=7`: sets the file up like that earlier import. */
export default async function ImportPage({ params, searchParams }: Props) {
  const { section: slug, import: importId } = await params;
  const { actor, section } = await requireSection(slug);
  const input = { sectionId: section.id, importId, likeId: (await searchParams).like };
  const { found, report, setUp } = await valueForPage(readImportPage(actor, input));
  const header = (
    <PageHeader title={found.fileName}>
      <Link href={`/${slug}/imports`} className="underline">
        All imports
      </Link>{' '}
      · {found.rows.toLocaleString('en-GB')} {found.rows === 1 ? 'row' : 'rows'} · uploaded{' '}
      <DateTime value={found.createdAt} /> {found.userName && `by ${found.userName}`}
    </PageHeader>
  );
  if (report) {
    const { tags, ...rest } = report;
    const byRow = found.mapping.columns.map(({ to }) => to === 'tags' || to === 'tag');
    return (
      <>
        {header}
        <ImportReport
          section={{ id: section.id, slug }}
          found={found}
          tags={{ ...tags, columns: found.format.columns.filter((_name, index) => byRow[index]) }}
          {...rest}
        />
      </>
    );
  }
  const topics = await valueForPage(readTopics(actor, { sectionId: section.id }));
  const { first, top, attributes, keyspaces, like, requestedTemplate, evidence } = setUp;
  const columns = sampleColumns(found.format.columns, first);
  const untouched = found.mapping.columns.length === 0;
  const guess = guessMapping(columns, keyspaces, attributes);
  const guessed = { ...found.mapping, ...guess };
  const earlier = requestedTemplate?.sameColumns ? requestedTemplate : like;
  const again = earlier && reuseMapping(earlier.mapping, columns, guess, { keyspaces, attributes, evidence });
  const mapping = untouched ? (again?.mapping ?? guessed) : found.mapping;
  // The origin is shown as long as the mapping is unchanged.
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
        topics={topics}
        initial={mapping}
        guessed={guessed}
        filledFrom={
          like && isAsLike ? { fileName: like.fileName, createdAt: like.createdAt, changed: again.changed } : null
        }
        setUpLike={untouched && requestedTemplate ? { ...requestedTemplate, changed: again?.changed ?? [] } : null}
      />
    </>
  );
}
