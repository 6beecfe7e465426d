'use client';
// Names a view, shares it, saves what is shown in it, deletes it.
import { useRouter } from 'next/navigation';
import { useState } from 'react';
import { Button } from '@/components/ui/button';
import { Dialog, FormButtons } from '@/components/ui/dialog';
import { Banner } from '@/components/ui/display';
import { Checkbox, TextField } from '@/components/ui/field';
import { useToast } from '@/components/ui/toasts';
import { useSubmission } from '@/components/ui/use-submission';
import type { SectionId } from '@/lib/db/ids';
import type { SavedView, ViewState } from '@/lib/profiles/saved-view';
import { createSavedViewAction, deleteSavedViewAction, updateSavedViewAction } from './actions';

type Props = {
  sectionId: SectionId;
  /** The view to change; null: a new one. */
  view: SavedView | null;
  state: ViewState;
  /** What is shown differs from the view. */
  changed: boolean;
  onSaved: (viewId: number | null) => void;
  onClose: () => void;
};

export function SaveViewDialog({ sectionId, view, state, changed, onSaved, onClose }: Props) {
  const router = useRouter();
  const toast = useToast();
  const { refusal, pending, send, submit } = useSubmission();
  const [name, setName] = useState(view?.name ?? '');
  const [shared, setShared] = useState(view?.shared ?? false);
  const [withState, setWithState] = useState(changed);
  const own = view === null || view.own;

  function saved(words: string, viewId: number | null) {
    toast(words);
    onSaved(viewId);
    router.refresh();
    onClose();
  }

  const onSubmit = view
    ? submit(
        updateSavedViewAction,
        { sectionId, viewId: view.id, name, shared, state: withState ? state : view.state },
        ({ id }) => saved('The view was saved', id),
      )
    : submit(createSavedViewAction, { sectionId, name, shared, state }, ({ id }) => saved('The view was saved', id));

  async function remove() {
    const result = await send(deleteSavedViewAction, { sectionId, viewId: view!.id });
    if (result.ok) saved('The view was deleted. The list stays as it is', null);
  }

  const fieldProblem = refusal?.field === 'name' ? refusal.message : undefined;
  return (
    <Dialog title={view ? `View “${view.name}”` : 'Save as a view'} isOpen onClose={onClose}>
      <form className="flex flex-col gap-4" onSubmit={onSubmit}>
        {refusal && !fieldProblem && <Banner tone="danger">{refusal.message}</Banner>}
        {own ? (
          <>
            <p className="text-muted">It keeps search, filters, columns, order and density.</p>
            <TextField
              label="Name"
              name="name"
              value={name}
              onChange={setName}
              error={fieldProblem}
              autoFocus
              isRequired
            />
            <Checkbox isSelected={shared} onChange={setShared}>
              Share it with everybody in this section
            </Checkbox>
            {changed && (
              <Checkbox isSelected={withState} onChange={setWithState}>
                Take over the filters and columns that are shown now
              </Checkbox>
            )}
          </>
        ) : (
          <p>{view.by} shares this view. As an Admin you can delete it for everybody.</p>
        )}
        {view && (
          <span>
            <Button variant="danger" size="small" isPending={pending} onPress={() => void remove()}>
              Delete this view
            </Button>
          </span>
        )}
        {own && <FormButtons onCancel={onClose} submit="Save view" isPending={pending} />}
      </form>
    </Dialog>
  );
}
