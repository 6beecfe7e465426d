/** How many selected profiles an export can name: more do not fit into an address. For browser and server. */
export const SELECTED_MAX = 500;
