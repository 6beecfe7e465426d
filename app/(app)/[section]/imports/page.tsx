import clsx from 'clsx';
import type { ReactNode } from 'react';
import { Link } from '@/components/ui/link';
import { valueForPage } from '@/app/value-for-page';
import { requireSection } from '@/app/viewer';
import { TagLink } from '@/components/tags/tag-chip';
import { ArrowRows } from '@/components/ui/arrow-rows';
import { ButtonLink } from '@/components/ui/button';
import { DateTime } from '@/components/ui/date-time';
import { Badge, cardClass, CellLabel, EmptyState, PageHeader, stackedClass, TableHead } from '@/components/ui/display';
import type { TagId } from '@/lib/db/ids';
import { readImports } from '@/lib/imports/reads';
import type { ImportView } from '@/lib/imports/schema';
import { readTagLabels } from '@/lib/tags/reads';
import type { TagLabel } from '@/lib/tags/schema';
import { statusOf } from './status';

export const metadata = { title: 'Imports' };

export default async function ImportsPage({ params }: { params: Promise<{ section: string }> }) {
  const { actor, section } = await requireSection((await params).section);
  const of = { sectionId: section.id };
  const imports = await valueForPage(readImports(actor, of));
  const tagIds = [...new Set(imports.flatMap(({ mapping }) => mapping.apply))];
  const tags = await valueForPage(readTagLabels(actor, { ...of, tagIds }));
  const tagOf = new Map(tags.map((tag) => [tag.id, tag]));
  return (
    <>
      <PageHeader
        title="Imports"
        actions={
          <ButtonLink variant="primary" href={`/${section.slug}/imports/new`}>
            Import a file
          </ButtonLink>
        }
      >
        Profiles and tags from files.
      </PageHeader>
      <div className={`${cardClass} relative overflow-x-auto`}>
        {imports.length === 0 ? (
          <EmptyState
            title="No file has been imported yet"
            action={<ButtonLink href={`/${section.slug}/imports/new`}>Import a file</ButtonLink>}
          >
            A CSV or Excel file with an email address, mobile number or CRM ID for each person is all it takes.
          </EmptyState>
        ) : (
          <table className={stackedClass.table}>
            <TableHead
              stacked
              titles={['File', 'Status', 'Rows', 'New', 'Updated', 'Rejected', 'Tags', 'Who', 'When']}
            />
            <ArrowRows className={stackedClass.body}>
              {imports.map((item) => (
                <ImportLine key={item.id} slug={section.slug} one={item} tagOf={(id) => tagOf.get(id)} />
              ))}
            </ArrowRows>
          </table>
        )}
      </div>
    </>
  );
}

function ImportLine({
  slug,
  one,
  tagOf,
}: {
  slug: string;
  one: ImportView;
  tagOf: (id: TagId) => TagLabel | undefined;
}) {
  const status = statusOf(one);
  const number = (key: string) => (one.counts[key] === undefined ? null : one.counts[key].toLocaleString('en-GB'));
  return (
    <tr className={stackedClass.row}>
      <td className={stackedClass.cell}>
        <Link href={`/${slug}/imports/${one.id}`} className="font-medium hover:underline">
          {one.fileName}
        </Link>
      </td>
      <td className={stackedClass.cell}>
        <Badge tone={status.tone}>{status.text}</Badge>
      </td>
      <NumberCell label="Rows">{one.rows > 0 && one.rows.toLocaleString('en-GB')}</NumberCell>
      <NumberCell label="New">{number('created')}</NumberCell>
      <NumberCell label="Updated">{number('updated')}</NumberCell>
      <NumberCell label="Rejected">{number('rejected')}</NumberCell>
      <td className={stackedClass.cell}>
        <span className="flex flex-wrap gap-1">
          {one.mapping.apply.map((id) => {
            const tag = tagOf(id);
            return tag && <TagLink key={id} tag={tag} />;
          })}
        </span>
      </td>
      <td className={stackedClass.cell}>
        <CellLabel>By</CellLabel>
        {one.userName}
      </td>
      <td className={stackedClass.cell}>
        <DateTime value={one.createdAt} />
      </td>
    </tr>
  );
}

/** Without a number, nothing on a phone. */
function NumberCell({ label, children }: { label: string; children: ReactNode }) {
  return (
    <td className={clsx(stackedClass.cell, !children && 'hidden')}>
      {children && <CellLabel>{label}</CellLabel>}
      {children}
    </td>
  );
}
