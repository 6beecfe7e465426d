// The effect of an undo or a redo, as pages show it.
import type { OperationId, ProfileId, TagId } from '@/lib/db/ids';
import type { StartedEntries } from '@/lib/flows/undone-entries';
import type { TagColour } from '@/lib/tags/colour';

/**
 * Counts of what an undo or a redo would do at this moment. `summary`: what is undone or redone. All of it is JSON.
 *
 * - `people`: whom the operation made. `go` of them would be deleted; `stay` would not, because somebody changed them since;
 *   `examples`: up to five of those who stay, by name, with the reason in words ('tagged since'). Of those whom the undo deleted, a
 *   redo creates `comeBack` again; of `lost` the data are no longer kept, or their keys are others' now.
 * - `values`: whom the operation changed. Of `goBack` people at least one value or key would return to what it was, of `links`
 *   people the link to their contact in a CRM; of `stay` people nothing, because all was changed since.
 * - `tags`: per tag that the operation applied or removed: on how many people it would come off, or come back; on how many it
 *   would `stay` as it is, because somebody changed it since, or because an integration list has `claimed` it too; and where it is `impossible`, because the tag has been hidden or the
 *   person has been deleted.
 * - `consents`: consents that the operation changed: `goBack` of them would be as before, `stay` not, because somebody changed
 *   them since.
 * - `estimated`: counting took too long, so these are estimates from a sample of the people.
 */
export type UndoPreview = {
  kind: 'undo' | 'redo';
  operationId: OperationId;
  summary: string;
  people: {
    go: number;
    stay: number;
    examples: { profileId: ProfileId; name: string; reason: string }[];
    comeBack: number;
    lost: number;
  };
  values: { goBack: number; links: number; stay: number };
  consents: { goBack: number; stay: number };
  tags: {
    tagId: TagId;
    name: string;
    colour: TagColour | null;
    comeOff: number;
    comeBack: number;
    stay: number;
    claimed: number;
    impossible: number;
  }[];
  /** Flows into which the operation let people; those who are in them now can be taken out with the undo. */
  entries: StartedEntries[];
  /** Whom the operation moved in flows: how many would be put back, and how many have gone on since. */
  places: { back: number; stay: number };
  estimated: boolean;
};
