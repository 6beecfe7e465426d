// Which people the page of a flow's people lists. In a module of its own: the server gets no values from a client module.
export const SHOWS = ['inside', 'failed'] as const;
export type Show = (typeof SHOWS)[number];
