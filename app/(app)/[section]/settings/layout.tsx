import type { ReactNode } from 'react';
import { requireSection } from '@/app/viewer';
import { mayAct } from '@/lib/access/policy';
import { SettingsMenu } from '@/components/shell/settings-menu';

export default async function SettingsLayout({
  children,
  params,
}: {
  children: ReactNode;
  params: Promise<{ section: string }>;
}) {
  const { actor, section } = await requireSection((await params).section);
  return (
    <div className="flex flex-col gap-4 lg:flex-row lg:gap-8">
      <SettingsMenu slug={section.slug} isAdmin={mayAct(actor, 'admins')} />
      <div className="min-w-0 flex-1">{children}</div>
    </div>
  );
}
