'use client';
// The section's own templates of mails, and what is done with them.
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { getJson } from '@/components/ui/json';
import { useToast } from '@/components/ui/toasts';
import { useSubmission } from '@/components/ui/use-submission';
import type { SectionId } from '@/lib/db/ids';
import type { MessageTemplate } from '@/lib/messages/templates-schema';
import { deleteTemplateAction } from './actions';

const keyOf = (slug: string) => ['message-templates', slug];

export function useTemplates(section: { id: SectionId; slug: string }) {
  const client = useQueryClient();
  const toast = useToast();
  const { send } = useSubmission();
  const templates = useQuery({
    queryKey: keyOf(section.slug),
    queryFn: ({ signal }) => getJson<MessageTemplate[]>(`/data/${section.slug}/messages/templates`, signal),
  });
  const readAgain = () => client.invalidateQueries({ queryKey: keyOf(section.slug) });

  async function remove({ id, name }: Pick<MessageTemplate, 'id' | 'name'>) {
    const about = [`message-template:${id}`];
    const set = (deleted: boolean) =>
      send(deleteTemplateAction, { sectionId: section.id, templateId: id, deleted }, crypto.randomUUID());
    async function bringBack() {
      const result = await set(false);
      if (!result.ok) return toast(result.refusal.message, { tone: 'danger', about });
      toast(`The template “${name}” is back`, { about });
      await readAgain();
    }
    const result = await set(true);
    if (!result.ok) return toast(result.refusal.message, { tone: 'danger', about });
    toast(`The template “${name}” has been deleted`, { about, action: { label: 'Undo', run: () => void bringBack() } });
    await readAgain();
  }

  return { templates: templates.data ?? [], error: templates.error, readAgain, remove };
}
