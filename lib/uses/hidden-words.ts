// How it is said that something is hidden which is still used. Imports no server code.

/** Tags are hidden for good; an Admin can show an attribute, an event or a topic again. */
export const hiddenInWords = (kind: 'tag' | 'attribute' | 'event' | 'topic', name: string): string =>
  kind === 'tag'
    ? `The tag “${name}” has been hidden for good.`
    : `The ${kind} “${name}” is hidden: an Admin can show it again in Settings → Data Model.`;
