// What each kind of step does with the people who are at it.
import type { Doing } from '../run';
import type { Step, StepKind } from '../schema';
import { attribute, enter } from './effects';
import { notify, webhook } from './outside';
import { send } from './sends';
import { branch, leave, split, tags, wait, waitHours } from './simple';
import { waitDate, waitFor } from './waits';

const DOING: { [Kind in StepKind]: Doing<Extract<Step, { kind: Kind }>> } = {
  ...{ wait, branch, split, tags, leave, attribute, enter },
  ...{ email: send, sms: send, notify, webhook },
  wait_for: waitFor,
  wait_date: waitDate,
  wait_hours: waitHours,
};

export const doingOf = (step: Step): Doing<Step> => DOING[step.kind] as Doing<Step>;
