'use client';
// The section's own templates, where an empty mail asks what to start from.
import { Ellipsis, Pencil, Trash2 } from 'lucide-react';
import { useState } from 'react';
import { Button as AriaButton } from 'react-aria-components';
import { useEditorActions } from '@/components/messages/editor/editor-context';
import { getJson } from '@/components/ui/json';
import { Menu } from '@/components/ui/menu';
import { useToast } from '@/components/ui/toasts';
import type { SectionId } from '@/lib/db/ids';
import type { MessageTemplate, TemplateWithDocument } from '@/lib/messages/templates-schema';
import { TemplateDialog } from '../template-dialog';
import { useTemplates } from '../use-templates';

export function OwnTemplates({ section }: { section: { id: SectionId; slug: string } }) {
  const { start } = useEditorActions();
  const toast = useToast();
  const { templates, error, readAgain, remove } = useTemplates(section);
  const [renamed, setRenamed] = useState<MessageTemplate | null>(null);
  const [loading, setLoading] = useState<number | null>(null);
  if (error) return <p className="mt-4">Your templates could not be read. {error.message}</p>;
  if (templates.length === 0) {
    return (
      <p className="mt-4 opacity-75">
        Any email can be saved as a template of your own: “Save as a template” in the menu beside its name.
      </p>
    );
  }

  async function use({ id }: MessageTemplate) {
    setLoading(id);
    try {
      const { document } = await getJson<TemplateWithDocument>(`/data/${section.slug}/messages/templates/${id}`);
      start(document.blocks, document);
    } catch (failure) {
      toast(failure instanceof Error ? failure.message : 'The template could not be read.', { tone: 'danger' });
    } finally {
      setLoading(null);
    }
  }

  return (
    <>
      <h2 className="mt-6 mb-3 text-lg font-semibold">Your section’s templates</h2>
      <ul className="grid gap-2 @min-[26rem]/paper:grid-cols-2">
        {templates.map((template) => (
          <li key={template.id} className="relative">
            <button
              type="button"
              disabled={loading !== null}
              onClick={() => void use(template)}
              className="size-full rounded-lg border border-[#71717a]/60 px-4 py-3 pr-12 text-left hover:bg-black/5 disabled:opacity-60"
            >
              <span className="block font-semibold wrap-anywhere">{template.name}</span>
              <span className="block opacity-75">
                {template.changedBy === null ? 'Saved' : `By ${template.changedBy},`}{' '}
                {new Date(template.changedAt).toLocaleDateString('en-GB', { dateStyle: 'medium' })}
              </span>
            </button>
            <span className="absolute top-2 right-2">
              <Menu
                label={`More: ${template.name}`}
                trigger={
                  <AriaButton
                    aria-label={`More: ${template.name}`}
                    className="inline-flex size-8 items-center justify-center rounded-md hover:bg-black/5"
                  >
                    <Ellipsis aria-hidden className="size-4" />
                  </AriaButton>
                }
                entries={[
                  {
                    id: 'rename',
                    text: 'Rename',
                    onAction: () => setRenamed(template),
                    label: (
                      <>
                        <Pencil aria-hidden className="text-muted size-4" /> Rename…
                      </>
                    ),
                  },
                  'line',
                  {
                    id: 'delete',
                    text: 'Delete',
                    danger: true,
                    onAction: () => void remove(template),
                    label: (
                      <>
                        <Trash2 aria-hidden className="size-4" /> Delete
                      </>
                    ),
                  },
                ]}
              />
            </span>
          </li>
        ))}
      </ul>
      {renamed && (
        <TemplateDialog
          sectionId={section.id}
          of={{ kind: 'template', id: renamed.id, name: renamed.name }}
          onClose={() => setRenamed(null)}
          onSaved={() => void readAgain()}
        />
      )}
    </>
  );
}
