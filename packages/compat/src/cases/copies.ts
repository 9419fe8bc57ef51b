import type { Case } from './case.ts'

const core = 'node_modules/@kt/core'

export const copyCases: readonly Case[] = [
  {
    name: 'two-kafkajs',
    what: 'the application has a kafkajs of its own, which is not that of the packages',
    flavour: 'cjs',
    dependencies: { 'kafkajs-of-its-own': 'npm:kafkajs@2.2.4' },
    reroutedImports: { kafkajs: 'kafkajs-of-its-own' },
  },
  {
    name: 'two-core',
    what: 'producer and sequelize-stream have each a copy of @kt/core of their own',
    flavour: 'esm',
    copies: ['producer', 'sequelize-stream'].map((name) => [core, `node_modules/@kt/${name}/${core}`]),
  },
  {
    name: 'two-formats',
    what: 'sequelize-stream, and so a @kt/core, as CommonJS beside the others as ES modules',
    flavour: 'esm',
    files: ['processes/stream.cjs'],
    reroutedImports: { '@kt/sequelize-stream': '../stream.cjs' },
  },
]
