'use client';
// What is done with a whole message, from the list and from its page: copy it, delete it and bring it back.
import { useRouter } from 'next/navigation';
import { useToast } from '@/components/ui/toasts';
import { useSubmission } from '@/components/ui/use-submission';
import type { MessageId, SectionId } from '@/lib/db/ids';
import { deleteMessageAction, duplicateMessageAction } from './actions';

export function useMessageActions(section: { id: SectionId; slug: string }) {
  const router = useRouter();
  const toast = useToast();
  const { send } = useSubmission();

  /** Opens the copy. `toOthers`: it leaves out who has got the message. */
  async function duplicate(messageId: MessageId, toOthers = false) {
    // Each copy is one of its own, also of the same message.
    const result = await send(
      duplicateMessageAction,
      { sectionId: section.id, messageId, toOthers },
      crypto.randomUUID(),
    );
    if (!result.ok) return toast(result.refusal.message, { tone: 'danger' });
    const { name, from, leavesOut } = result.value;
    toast(`This is “${name}”, a copy`, leavesOut ? { detail: `It leaves out everyone who got “${from}”.` } : {});
    router.push(`/${section.slug}/messages/${result.value.id}`);
  }

  /** `then`: after it has been deleted, and after it has been brought back. */
  async function remove({ id, name }: { id: MessageId; name: string }, then: () => void) {
    const about = [`message:${id}`];
    const set = (deleted: boolean) =>
      send(deleteMessageAction, { sectionId: section.id, messageId: id, deleted }, crypto.randomUUID());
    async function bringBack() {
      const result = await set(false);
      if (!result.ok) return toast(result.refusal.message, { tone: 'danger', about });
      toast(`“${name}” is back`, { about, link: { label: 'Open', href: `/${section.slug}/messages/${id}` } });
      router.refresh();
    }
    const result = await set(true);
    if (!result.ok) return toast(result.refusal.message, { tone: 'danger', about });
    toast(`“${name}” has been deleted`, { about, action: { label: 'Undo', run: () => void bringBack() } });
    then();
  }

  return { duplicate, remove };
}
