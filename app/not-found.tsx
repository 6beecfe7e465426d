import { ButtonLink } from '@/components/ui/button';
import { EmptyState } from '@/components/ui/display';

export default function NotFound() {
  return (
    <main>
      <EmptyState heading="h1" title="Page not found" action={<ButtonLink href="/">Go to the home page</ButtonLink>}>
        Check the address. The page may have been deleted, or it is in a section that you cannot access.
      </EmptyState>
    </main>
  );
}
