// One line of what is looked at before a message goes.
import type { Step } from './steps';

/** `advice`: it can be sent like this. `waiting`: it is not known yet. */
export type Check = {
  id: string;
  title: string;
  state: 'fine' | 'advice' | 'missing' | 'waiting';
  words: string[];
  /** Where it is changed: a step, or the address of a page; null: not by this person. */
  step: Step | null;
  href?: string;
};
