// The limit of an export of selected profiles, for browser and server.

/** How many selected profiles an export can name: more do not fit into an address. */
export const SELECTED_MAX = 500;

export const TOO_MANY_SELECTED = `At most ${SELECTED_MAX} selected profiles can be exported. Use a filter, then select all that match.`;
