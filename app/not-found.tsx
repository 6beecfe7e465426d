import { ButtonLink } from '@/components/ui/button';
import { EmptyState } from '@/components/ui/display';

export default function NotFound() {
  return (
    <main>
      <EmptyState title="There is nothing here" action={<ButtonLink href="/">Go to the start</ButtonLink>}>
        The page does not exist, was deleted, or is in a section that you have no access to.
      </EmptyState>
    </main>
  );
}
