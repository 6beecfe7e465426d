import { redirect } from 'next/navigation';
import { EmptyState } from '@/components/ui/display';
import { requireViewer } from './viewer';

/** The oldest section that the person may see, usually the account's first. */
export default async function HomePage() {
  const { sections } = await requireViewer();
  const [first] = [...sections].sort((left, right) => left.id - right.id);
  if (first) redirect(`/${first.slug}`);
  return (
    <main>
      <EmptyState heading="h1" title="You do not have access to a section yet">
        Ask an Account Owner or Admin to add you to one.
      </EmptyState>
    </main>
  );
}
