import { agentCases } from './agents.ts'
import type { Case } from './case.ts'
import { plainCases } from './plain.ts'

export type { Case } from './case.ts'

export const allCases: readonly Case[] = [...plainCases, ...agentCases]
