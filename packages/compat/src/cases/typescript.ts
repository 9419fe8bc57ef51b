import type { Case } from './case.ts'

export const typescript = {
  typescript: '5.9.3',
  '@types/node': '20.19.25',
  '@types/pg': '8.20.0',
}

function compiled(
  config: string,
  what: string,
  packageType: 'commonjs' | 'module',
  importEnding: '' | '.js',
): Case {
  return {
    name: `ts-${config}`,
    what: `TypeScript 5.9, strict, libraries checked: ${what}`,
    flavour: 'ts',
    packageType,
    importEnding,
    dependencies: typescript,
    files: [`typescript/${config}.json`, 'typescript/arrow.d.ts'],
    steps: [['node_modules/typescript/bin/tsc', '-p', `${config}.json`]],
    run: ['dist/main.js'],
  }
}

export const typescriptCases: readonly Case[] = [
  compiled('commonjs', 'module commonjs, resolved as by Node 10', 'commonjs', ''),
  compiled('node16', 'module node16, CommonJS', 'commonjs', '.js'),
  compiled('nodenext', 'module nodenext, ES modules', 'module', '.js'),
  compiled('bundler', 'module esnext, resolved as by bundlers', 'module', '.js'),
]
