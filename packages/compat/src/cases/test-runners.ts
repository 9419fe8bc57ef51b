import type { Case } from './case.ts'
import { typescript } from './typescript.ts'

export const testRunnerCases: readonly Case[] = [
  {
    name: 'jest-babel',
    what: 'Jest 29 with Babel, which compiles everything to CommonJS',
    flavour: 'esm',
    packageType: 'commonjs',
    dependencies: {
      jest: '29.7.0',
      '@babel/core': '7.29.13',
      '@babel/preset-env': '7.29.14',
    },
    files: ['runners/application.test.js', 'runners/babel.config.json', 'runners/jest.config.json'],
    run: ['node_modules/jest/bin/jest.js'],
  },
  {
    name: 'jest-ts',
    what: 'Jest 30 with ts-jest, CommonJS',
    flavour: 'ts',
    importEnding: '',
    dependencies: { ...typescript, jest: '30.5.2', 'ts-jest': '29.4.15', '@types/jest': '30.0.0' },
    files: [
      'runners/application.test.ts',
      'runners/ts-jest.config.json',
      'typescript/commonjs.json',
      'typescript/arrow.d.ts',
    ],
    run: ['node_modules/jest/bin/jest.js', '--config', 'ts-jest.config.json'],
  },
  {
    name: 'vitest',
    what: 'vitest',
    flavour: 'ts',
    packageType: 'module',
    importEnding: '',
    dependencies: { vitest: '4.1.12' },
    files: ['runners/vitest.test.ts'],
    run: ['node_modules/vitest/vitest.mjs', 'run'],
  },
  {
    name: 'node-test',
    what: "Node's test runner",
    flavour: 'esm',
    files: ['runners/node-test.mjs'],
    run: ['--test', 'node-test.mjs'],
  },
]
