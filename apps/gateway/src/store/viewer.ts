import type { Prisma } from '@lensgate/prisma';

/**
 * Whose rows a caller works on. A job belongs to one owner, or to nobody: then every owner sees and uses it, and only who
 * sees all may change it. What belongs to another owner is as if it were not there.
 */
export type Viewer = { readonly sees: 'all' } | { readonly sees: 'own'; readonly ownerId: string };

interface Owned {
  readonly ownerId: string | null;
}

/** Whom the rows belong to that this viewer makes. */
export const ownerIdFor = (viewer: Viewer): string | null => (viewer.sees === 'own' ? viewer.ownerId : null);

export const isVisible = ({ ownerId }: Owned, viewer: Viewer): boolean =>
  viewer.sees === 'all' || ownerId === null || ownerId === viewer.ownerId;

export const isChangeable = ({ ownerId }: Owned, viewer: Viewer): boolean =>
  viewer.sees === 'all' || ownerId === viewer.ownerId;

/** {@link isVisible} as a condition on jobs. */
export const visibleJobs = (viewer: Viewer): Prisma.TrainingJobWhereInput =>
  viewer.sees === 'all' ? {} : { OR: [{ ownerId: viewer.ownerId }, { ownerId: null }] };
