import { defineConfig } from 'vitest/config'

// Packages are tested from source: the condition makes one package's import of another resolve to its TypeScript.
const conditions = ['@kt/source']
// `ssr` is for the test files, vitest's own environment for the global setup.
const shared = {
  resolve: { conditions },
  ssr: { resolve: { conditions } },
  environments: { __vitest__: { resolve: { conditions } } },
}

export default defineConfig({
  // Beside each project, here too: a global setup is loaded outside the projects.
  ...shared,
  test: {
    projects: [
      {
        ...shared,
        test: { name: 'unit', include: ['packages/*/src/**/*.test.ts', 'examples/*/src/**/*.test.ts'] },
      },
      {
        test: {
          name: 'packed',
          include: ['test/**/*.test.ts'],
          globalSetup: ['test/support/pack-packages.ts'],
          testTimeout: 60_000,
        },
      },
      {
        ...shared,
        test: {
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
