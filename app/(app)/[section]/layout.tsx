import type { ReactNode } from 'react';
import { requireSection } from '@/app/viewer';
import { MessageAnnouncer } from '@/components/operations/message-announcer';
import { Announcer } from '@/components/operations/announcer';
import { TroubleAnnouncer } from '@/components/operations/trouble-announcer';
import { FocusKeeper } from '@/components/shell/focus-keeper';
import { FocusReturn } from '@/components/shell/focus-return';
import { SideBar } from '@/components/shell/side-bar';
import { SectionZone } from '@/components/ui/use-zone';
import { RefreshOnReturn } from '@/components/ui/refresh-shown';
import { mayAct } from '@/lib/access/policy';
import { ROLE_NAMES } from '@/lib/accounts/schema';
import { cancelOperationAction, undoOperationAction } from './profiles/actions';

export default async function SectionLayout({
  children,
  params,
}: {
  children: ReactNode;
  params: Promise<{ section: string }>;
}) {
  const { actor, section, sections } = await requireSection((await params).section);
  const places = sections.map(({ slug, name }) => ({ slug, name }));
  return (
    <div className="flex min-h-dvh flex-col md:flex-row">
      <a
        href="#main"
        className="bg-accent text-on-accent absolute top-2 left-2 z-70 -translate-y-20 rounded px-3 py-2 focus:translate-y-0"
      >
        Skip to content
      </a>
      <SideBar
        section={{ id: section.id, slug: section.slug, name: section.name }}
        sections={places}
        person={{
          name: actor.name,
          email: actor.email,
          role: ROLE_NAMES[actor.role],
          isAdmin: mayAct(actor, 'admins'),
        }}
        cancel={cancelOperationAction}
      />
      <RefreshOnReturn />
      <FocusKeeper />
      <FocusReturn />
      <Announcer key={section.slug} section={{ id: section.id, slug: section.slug }} undo={undoOperationAction} />
      <MessageAnnouncer key={`messages-${section.slug}`} slug={section.slug} />
      <TroubleAnnouncer key={`troubles-${section.slug}`} slug={section.slug} />
      <main
        id="main"
        tabIndex={-1}
        className="mb-[calc(var(--toasts,0px)+var(--bottom-bar,0px))] min-w-0 flex-1 p-4 outline-none md:p-6"
      >
        <SectionZone value={section.timeZone}>{children}</SectionZone>
      </main>
    </div>
  );
}
