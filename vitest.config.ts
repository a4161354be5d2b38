import { defineConfig } from 'vitest/config';

const workspaces = '{apps,packages}/*';

/**
 * `unit` tests sit beside their file and need nothing; `int` tests start real databases, children or servers;
 * `acceptance` tests start the whole stack; `faults` does it harm for minutes, and is not part of `npm test`.
 */
export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: 'unit',
          include: [`${workspaces}/src/**/*.test.ts`, 'prisma/src/**/*.test.ts', 'test/*.test.ts'],
          testTimeout: 60_000,
          // They keep nothing from one file to the next, and a process for each would take longer than they do.
          isolate: false,
        },
      },
      {
        test: {
          name: 'int',
          include: [`${workspaces}/test/**/*.int.test.ts`, 'prisma/test/**/*.int.test.ts'],
          testTimeout: 120_000,
          hookTimeout: 120_000,
        },
      },
      {
        test: {
          name: 'acceptance',
          include: ['test/acceptance/**/*.test.ts'],
          testTimeout: 180_000,
          hookTimeout: 180_000,
        },
      },
      {
        test: {
          name: 'faults',
          include: ['test/faults/**/*.test.ts'],
          testTimeout: 900_000,
          hookTimeout: 180_000,
        },
      },
    ],
    // Children of several stacks compete for the cores; two files at once is what a laptop carries.
    maxWorkers: 2,
    globalSetup: 'test/shared-folder.ts',
  },
});
