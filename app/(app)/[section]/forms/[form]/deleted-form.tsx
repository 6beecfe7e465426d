'use client';
// In place of the pages of a form that was deleted.
import { Button, ButtonLink } from '@/components/ui/button';
import { DateTime } from '@/components/ui/date-time';
import { cardClass, EmptyState } from '@/components/ui/display';
import type { FormId, SectionId } from '@/lib/db/ids';
import { useWholeForm } from '../use-whole-form';

type Props = {
  section: { id: SectionId; slug: string };
  form: { id: FormId; name: string; deletedAt: Date };
};

export function DeletedForm({ section, form }: Props) {
  const { bringBack } = useWholeForm(section);
  return (
    <div className={cardClass}>
      <EmptyState
        title={`“${form.name}” has been deleted`}
        action={
          <div className="flex flex-wrap justify-center gap-2">
            <Button variant="primary" onPress={() => void bringBack(form)}>
              Bring it back
            </Button>
            <ButtonLink href={`/${section.slug}/forms`}>All forms</ButtonLink>
          </div>
        }
      >
        Deleted <DateTime value={form.deletedAt} />. Its submissions stay with the people. Brought back, it is as it
        was.
      </EmptyState>
    </div>
  );
}
