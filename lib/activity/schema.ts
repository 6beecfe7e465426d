// An operation as pages show it. Safe for the browser.
import type { Allowed } from '@/lib/access/policy';
import type { OperationId } from '@/lib/db/ids';
import type { Trouble } from '@/lib/integrations/schema';
import type { MessageNotice } from '@/lib/messages/approval-schema';
import type { OperationPage } from '@/lib/work/kind';
import type { OperationState } from '@/lib/work/queries';

export type OperationView = OperationState & {
  /** '1,200 tags applied · 3 already there'. */
  countsInWords: string;
  /** The current phase, for kinds that have several. */
  phaseInWords: string | null;
  /** Some of what was requested was not done: rejected, kept or impossible. */
  partial: boolean;
  /** Who may cancel, retry, undo and redo it. */
  allow: Allowed;
  cancellable: boolean;
  retryable: boolean;
  undoable: boolean;
  /** Undoing it redoes what it undid. */
  isUndo: boolean;
  /** What has become of it by its last undo: 'Undone for 3 of 5'. Null without an undo. */
  undoneInWords: string | null;
  /** The page of its result, if it has one. */
  page: OperationPage | null;
  /** When this was read, in milliseconds: of two views, the later one counts. */
  readAt: number;
};

/** Work that runs in the background, as the shell lists it. */
export type RunningWork = {
  /** Unique in the section, as long as it runs. */
  key: string;
  summary: string;
  status: 'queued' | 'running';
  progress: number;
  total: number | null;
  phaseInWords: string | null;
  /** Failed attempts since the last successful step. */
  attempts: number;
  /** Who started it; null: Tagwell. */
  userName: string | null;
  /** Its operation, if people may stop it. */
  stoppable: OperationId | null;
  /** Its page, below the section's address. */
  path: string;
};

/** An operation that has ended, and whose person has not been told. */
export type EndedWork = Pick<OperationView, 'id' | 'summary' | 'error' | 'countsInWords' | 'partial'> & {
  status: 'done' | 'failed' | 'cancelled';
  /** What is said before the counts if it is done: 'Done.' */
  done: string;
  /** It may be undone now; if it is an undo, what it undid may be redone. */
  undoable: boolean;
  isUndo: boolean;
  /** Its page, below the section's address. */
  path: string;
  /** Of work that comes again and again under one name: when it began (ISO 8601); its page says the same. */
  began: string | null;
};

/** What the shell asks for every few seconds. */
export type BackgroundWork = {
  running: RunningWork[];
  ended: EndedWork[];
  /** Connections that need an Admin; empty for others. */
  troubles: Trouble[];
  /** Messages that wait for the person, and what was decided about theirs. */
  messages: MessageNotice[];
};
