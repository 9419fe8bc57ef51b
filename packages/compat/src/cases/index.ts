import { agentCases } from './agents.ts'
import { bundlerCases } from './bundlers.ts'
import type { Case } from './case.ts'
import { copyCases } from './copies.ts'
import { driverCases } from './drivers.ts'
import { nodeCases } from './node-versions.ts'
import { peerCases } from './peers.ts'
import { plainCases } from './plain.ts'
import { processCases } from './processes.ts'
import { testRunnerCases } from './test-runners.ts'
import { typescriptCases } from './typescript.ts'

export type { Case } from './case.ts'

export const allCases: readonly Case[] = [
  ...plainCases,
  ...agentCases,
  ...bundlerCases,
  ...testRunnerCases,
  ...typescriptCases,
  ...driverCases,
  ...peerCases,
  ...nodeCases,
  ...copyCases,
  ...processCases,
]
