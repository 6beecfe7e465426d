'use client';
import { Plus } from 'lucide-react';
import { useRouter } from 'next/navigation';
import { useState } from 'react';
import { Button } from '@/components/ui/button';
import { useToast } from '@/components/ui/toasts';
import type { SectionId } from '@/lib/db/ids';
import { AddDialog } from './add-dialog';

export function AddButton({ sectionId }: { sectionId: SectionId }) {
  const router = useRouter();
  const toast = useToast();
  const [open, setOpen] = useState(false);
  return (
    <>
      <Button variant="primary" onPress={() => setOpen(true)}>
        <Plus aria-hidden className="size-4" /> Add addresses
      </Button>
      {open && (
        <AddDialog
          sectionId={sectionId}
          onClose={() => {
            setOpen(false);
            router.refresh();
          }}
          onDone={(words) => {
            setOpen(false);
            toast(words);
            router.refresh();
          }}
        />
      )}
    </>
  );
}
