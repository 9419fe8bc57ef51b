import type { Case } from './case.ts'

const core = 'node_modules/@kt/core'

export const copyCases: readonly Case[] = [
  {
    name: 'two-kafkajs',
    what: 'the application has another copy of kafkajs than the packages',
    flavour: 'cjs',
    dependencies: { 'kafkajs-of-its-own': 'npm:kafkajs@2.2.4' },
    reroutedImports: { kafkajs: 'kafkajs-of-its-own' },
  },
  {
    name: 'two-core',
    what: 'producer and sequelize-stream each have their own copy of @kt/core',
    flavour: 'esm',
    copies: ['producer', 'sequelize-stream'].map((name) => [core, `node_modules/@kt/${name}/${core}`]),
  },
  {
    name: 'two-formats',
    what: 'sequelize-stream, and so one @kt/core, as CommonJS, and the others as ES modules',
    flavour: 'esm',
    files: ['processes/stream.cjs'],
    reroutedImports: { '@kt/sequelize-stream': '../stream.cjs' },
  },
]
