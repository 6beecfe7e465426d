// Shapes of input about accounts, and of what pages show.
import { z } from 'zod';
import { ROLES, type Role } from '@/lib/access/actor';
import { SectionIdSchema, type SectionId, type UserId } from '@/lib/db/ids';

export const PASSWORD_MIN = 12;

export const EmailSchema = z
  .string()
  .trim()
  .toLowerCase()
  .max(320)
  .pipe(z.email('Enter an email address, such as anna@example.com.'));

export const PasswordSchema = z
  .string()
  .min(PASSWORD_MIN, `Use at least ${PASSWORD_MIN} characters. A few words in a row are easy to remember.`)
  .max(200, 'Use at most 200 characters.');

export const NameSchema = z.string().trim().min(1, 'Enter a name.').max(100, 'Use at most 100 characters.');

export const RoleSchema = z.enum(ROLES);

/** All sections, or a list of them. */
export const SectionsSchema = z.union([
  z.literal('all'),
  z.array(SectionIdSchema).min(1, 'Choose at least one section.'),
]);

export const ROLE_NAMES: Record<Role, string> = { owner: 'Account Owner', admin: 'Admin', user: 'User' };

/** `timeZone`: null if nobody has chosen one. */
export type SectionView = {
  id: SectionId;
  name: string;
  slug: string;
  description: string;
  discriminator: string;
  timeZone: string | null;
};

export type UserView = {
  id: UserId;
  email: string;
  name: string;
  role: Role;
  /** Those that the viewer can access. */
  sections: 'all' | SectionId[];
  /** There are sections that the viewer cannot access. */
  hasOtherSections: boolean;
  /** The viewer may change and deactivate this person. */
  mayChange: boolean;
  lastSeenAt: Date | null;
  deactivatedAt: Date | null;
  /** Linked with an identity at the identity provider. */
  hasIdentity: boolean;
  hasPassword: boolean;
  hasSecondFactor: boolean;
};

/** A link on its way by mail. `outcome`: of the last attempt, in words. */
export type LinkMail = {
  state: 'waiting' | 'sent' | 'failed' | 'cancelled';
  outcome: string | null;
  endedAt: Date | null;
};

/** An invitation or a password link that can still be used. */
export type LinkView = {
  id: number;
  kind: 'invitation' | 'password';
  email: string;
  /** The person whom a password link is for. */
  name: string | null;
  role: Role;
  /** Null: the person asked for it. */
  madeBy: string | null;
  /** What became of it by mail; null: it was not sent by mail. */
  mail: LinkMail | null;
  expiresAt: Date;
  mayRevoke: boolean;
};
