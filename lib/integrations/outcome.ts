// How a contact was matched, and the states of a change. Numbers, since there is a row for each contact of each list.

export const OUTCOMES = {
  pending: 0,
  /** By the CRM's id. */
  linked: 1,
  email: 2,
  mobile: 3,
  crm_id: 4,
  /** Nobody matches: a profile is created. */
  create: 5,
  created: 6,
  /** By the CRM's id of a contact that was merged into it. */
  merged: 7,
  /** By another field of the CRM. */
  custom: 8,
  unmatched: 10,
  /** It has nothing to match by. */
  no_address: 11,
  /** Several profiles match. */
  ambiguous: 12,
  /** Deactivated in the CRM, or merged into another contact. */
  inactive: 13,
  /** The person was erased here for good. */
  erased: 14,
} as const;
export type Outcome = keyof typeof OUTCOMES;

/** The highest outcome with which a contact has a profile. */
export const LAST_MATCHED = OUTCOMES.custom;

export const CHANGE_STATES = { planned: 0, applied: 1, held: 2, refused: 3, rejected: 4 } as const;
export type ChangeState = keyof typeof CHANGE_STATES;

export const BEGIN = 1;
export const END = -1;
