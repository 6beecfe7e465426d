// Submissions as the page shows them: the answers in words, by question.
import { answerInWords } from '@/lib/forms/answer-words';
import type { SubmissionRow } from '@/lib/forms/queries';
import { signsInWords } from '@/lib/forms/spam';
import type { Question } from '@/lib/forms/questions';

export type ShownRow = Omit<SubmissionRow, 'answers'> & {
  /** By question; null once the person has been erased, or it has been forgotten. */
  answers: Record<string, string> | null;
  /** What the row is called: the email address, the mobile number, or the first answer. */
  title: string;
  /** In words, what counts most first. */
  signs: string[];
};

export const rowsOf = (rows: readonly SubmissionRow[], questions: readonly Question[]): ShownRow[] =>
  rows.map(({ answers: given, signs, ...rest }) => {
    const row = { ...rest, signs: signsInWords(signs) };
    if (given === null) return { ...row, answers: null, title: '' };
    const inWords = questions.flatMap(({ id, inVersion }) => {
      const [answer, asked] = [given[id], inVersion.get(row.version)];
      return answer === undefined || !asked ? [] : [{ id, asked, words: answerInWords(asked, answer) }];
    });
    const typed = (type: string) => inWords.find(({ asked }) => asked.kind === 'input' && asked.type === type);
    return {
      ...row,
      answers: Object.fromEntries(inWords.map(({ id, words }) => [id, words])),
      title: (typed('email') ?? typed('mobile') ?? inWords[0])?.words ?? '',
    };
  });
