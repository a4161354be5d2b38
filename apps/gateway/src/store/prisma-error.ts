import { Prisma } from '@lensgate/prisma';

/** Prisma's codes, see its error reference. */
const codes = { uniqueViolated: 'P2002', foreignKeyViolated: 'P2003', recordNotFound: 'P2025' } as const;

export function isPrismaError(error: unknown, kind: keyof typeof codes): boolean {
  return error instanceof Prisma.PrismaClientKnownRequestError && error.code === codes[kind];
}

/** The promise's value, or null when the row to change is not there. */
export async function nullIfNotFound<T>(changed: Promise<T>): Promise<T | null> {
  try {
    return await changed;
  } catch (error) {
    if (isPrismaError(error, 'recordNotFound')) return null;
    throw error;
  }
}
