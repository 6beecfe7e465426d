// The parts of the builder, in their order. They can be visited in any.
export const PARTS = ['questions', 'people', 'confirmation', 'look', 'embedding'] as const;
export type Part = (typeof PARTS)[number];
export const PART_NAMES: Record<Part, string> = {
  questions: 'Questions',
  people: 'After sending',
  confirmation: 'Confirmation',
  look: 'Look and words',
  embedding: 'Embedding and spam',
};
