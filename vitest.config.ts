import { defineConfig } from 'vitest/config'

// Packages are tested from source: the condition makes one package's import of another resolve to its TypeScript.
const conditions = ['@kt/source']
// `ssr` is for the test files, vitest's own environment for the global setup.
const shared = {
  resolve: { conditions },
  ssr: { resolve: { conditions } },
  environments: { __vitest__: { resolve: { conditions } } },
}

// Tests without services run first, two files at a time. Those with services have both cores for one file and its
// services, so that the load of one file doesn't look like an outage to another.
const withoutServices = { maxWorkers: 2, sequence: { groupOrder: 0 } }
const withServices = { maxWorkers: 1, sequence: { groupOrder: 1 } }

export default defineConfig({
  // Beside each project, here too: a global setup is loaded outside the projects.
  ...shared,
  test: {
    projects: [
      {
        ...shared,
        test: {
          ...withoutServices,
          name: 'unit',
          testTimeout: 30_000,
          include: ['packages/*/src/**/*.test.ts', 'examples/*/src/**/*.test.ts'],
        },
      },
      {
        test: {
          ...withoutServices,
          name: 'packed',
          include: ['test/*.test.ts'],
          exclude: ['test/*.int.test.ts'],
          globalSetup: ['test/support/pack-packages.ts'],
          testTimeout: 60_000,
        },
      },
      {
        ...shared,
        test: {
          ...withServices,
          name: 'templates',
          include: ['test/*.int.test.ts'],
          globalSetup: ['test/support/pack-packages.ts', 'packages/testkit/src/global-setup.ts'],
          testTimeout: 60_000,
          hookTimeout: 120_000,
        },
      },
      {
        ...shared,
        test: {
          ...withServices,
          name: 'int',
          include: ['packages/*/test/**/*.int.test.ts', 'examples/*/test/**/*.int.test.ts'],
          globalSetup: ['packages/testkit/src/global-setup.ts'],
          testTimeout: 60_000,
          hookTimeout: 120_000,
        },
      },
    ],
  },
})
