// Somebody in a flow, as the engine moves them, and what a step does with them.
import type { FlowId, OperationId, ProfileId, SectionId } from '@/lib/db/ids';
import type { Tx } from '@/lib/db/sql';
import type { AtStep, Left } from './outcomes';
import type { FlowSettings } from './schema';

/**
 * How far somebody is with a step. `arrived`: nothing was done yet. `waiting`: until a time, which nothing but the clock ends. `listening`: a
 * signal may end it earlier; it is looked at again then. `sending`: their message is under way.
 */
export const STAGE = { arrived: 0, waiting: 1, listening: 2, sending: 3 } as const;

export type Run = {
  profileId: ProfileId;
  entry: number;
  version: number;
  step: string;
  stage: number;
  arrivedAt: Date;
  enteredAt: Date;
  hops: number;
  attempts: number;
  operationId: OperationId | null;
  /** When that happened which let them in, and which last ended a wait of theirs. */
  causedAt: Date | null;
  heardAt: Date | null;
  /** What they wait for: the number of a recipient of a message, or of what the flow tells others. */
  recipient: number | null;
};

/**
 * What a step does with somebody. `on`: to the next step, or into the way; null is the way for whoever takes no other. `stay`: until then.
 * `note`: for the history. `heardAt`: when that happened which ended their wait.
 */
export type Moved =
  | { go: 'on'; what: Exclude<AtStep, 'failed' | 'left'>; way?: string | null; note?: string; heardAt?: Date }
  | { go: 'stay'; stage: number; dueAt: Date; recipient?: number }
  | { go: 'leave'; what: AtStep; left: Left; note?: string };

export type FlowPlace = { sectionId: SectionId; flowId: FlowId };

export const PASSED: Moved = { go: 'on', what: 'passed' };

/** The flow whose people are moved, in the transaction of the batch. `now`: by the clock of the database. */
export type Scene = {
  tx: Tx;
  sectionId: SectionId;
  flowId: FlowId;
  settings: FlowSettings;
  /** The zone of people without one of their own. */
  timeZone: string;
  now: Date;
  /** Whether a call may have given something along with somebody: lib/flows/given.ts */
  takesData: boolean;
};

/** What a step does with a set of people who are at it, in their order. */
export type Doing<Kind> = (scene: Scene, step: Kind, runs: readonly Run[]) => Promise<readonly Moved[]>;

export const idsOf = (runs: readonly { profileId: ProfileId }[]): ProfileId[] => runs.map(({ profileId }) => profileId);
