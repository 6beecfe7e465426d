'use client';
// What is done with a draft as a whole: copy it, keep it as a template, delete it.
import { Copy, Ellipsis, LayoutTemplate, Trash2 } from 'lucide-react';
import { useState } from 'react';
import { Button as AriaButton } from 'react-aria-components';
import { buttonClass } from '@/components/ui/button-class';
import { Menu } from '@/components/ui/menu';
import { useToast } from '@/components/ui/toasts';
import type { Result } from '@/lib/access/refusal';
import type { Channel } from '@/lib/consents/schema';
import type { MessageId, SectionId } from '@/lib/db/ids';
import { TemplateDialog } from '../template-dialog';
import { useMessageActions } from '../use-message-actions';

type Props = {
  section: { id: SectionId; slug: string };
  message: { id: MessageId; name: string; channel: Channel };
  /** Saves what has been written: only that can be copied. */
  save: () => Promise<Result<unknown>>;
  onDeleted: () => void;
};

export function MessageMenu({ section, message, save, onDeleted }: Props) {
  const toast = useToast();
  const { duplicate, remove } = useMessageActions(section);
  const [keeping, setKeeping] = useState(false);

  async function whenSaved(then: () => unknown) {
    const saved = await save();
    if (!saved.ok) return toast(saved.refusal.message, { tone: 'danger' });
    await then();
  }

  return (
    <>
      <Menu
        label="More"
        trigger={
          <AriaButton aria-label="More" className={buttonClass({ variant: 'quiet' })}>
            <Ellipsis aria-hidden className="size-4" />
          </AriaButton>
        }
        entries={[
          {
            id: 'copy',
            text: 'Make a copy',
            onAction: () => void whenSaved(() => duplicate(message.id)),
            label: (
              <>
                <Copy aria-hidden className="text-muted size-4" /> Make a copy
              </>
            ),
          },
          ...(message.channel === 'email'
            ? [
                {
                  id: 'template',
                  text: 'Save as a template',
                  onAction: () => void whenSaved(() => setKeeping(true)),
                  label: (
                    <>
                      <LayoutTemplate aria-hidden className="text-muted size-4" /> Save as a template…
                    </>
                  ),
                },
              ]
            : []),
          'line',
          {
            id: 'delete',
            text: 'Delete',
            danger: true,
            onAction: () => void remove(message, onDeleted),
            label: (
              <>
                <Trash2 aria-hidden className="size-4" /> Delete
              </>
            ),
          },
        ]}
      />
      {keeping && (
        <TemplateDialog
          sectionId={section.id}
          of={{ kind: 'message', id: message.id, name: message.name }}
          onClose={() => setKeeping(false)}
        />
      )}
    </>
  );
}
