// Texts of a mail that somebody starts from. They say what to write, and must not be sent.
export const EXAMPLES = {
  headline: 'The headline of this issue',
  introduction: 'Two or three sentences that make people want to read on.',
  largeStory: 'The large story',
  whatHappened: 'What happened, and why it matters to the reader.',
  smallStory: 'A small story, in a few words.',
  anotherStory: 'Another small story, in a few words.',
  whatPeopleGet: 'What people get',
  howItWorks: 'How it works, until when, and for whom.',
  whatItIsAbout: 'What it is about, and who will be there.',
  whatYouWantToSay: 'What you want to say.',
} as const;

const texts: ReadonlySet<string> = new Set(Object.values(EXAMPLES));

export const isExample = (text: string): boolean => texts.has(text.trim());
