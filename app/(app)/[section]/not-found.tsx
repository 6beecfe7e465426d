import { EmptyState } from '@/components/ui/display';

/** Beside the section's menu, so it needs no way out of its own. */
export default function NotFoundInSection() {
  return (
    <EmptyState heading="h1" title="Page not found">
      Check the address. What was here may have been deleted, or it is in another section.
    </EmptyState>
  );
}
