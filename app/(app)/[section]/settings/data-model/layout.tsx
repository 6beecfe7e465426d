import type { ReactNode } from 'react';
import { valueForPage } from '@/app/value-for-page';
import { requireSection } from '@/app/viewer';
import { DataModelTabs } from '@/components/shell/data-model-tabs';
import { NotAllowed } from '@/components/shell/not-allowed';
import { mayAct } from '@/lib/access/policy';
import { readAdministrators } from '@/lib/accounts/reads';

export default async function DataModelLayout({
  children,
  params,
}: {
  children: ReactNode;
  params: Promise<{ section: string }>;
}) {
  const { actor, section } = await requireSection((await params).section);
  if (!mayAct(actor, 'admins')) {
    return (
      <NotAllowed
        what="The Data Model"
        people={await valueForPage(readAdministrators(actor, {}))}
        instead={{ href: `/${section.slug}/tags`, label: 'All tags, and what they mean' }}
      />
    );
  }
  return (
    <>
      <DataModelTabs slug={section.slug} />
      {children}
    </>
  );
}
