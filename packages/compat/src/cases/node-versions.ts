import type { Case } from './case.ts'
import { lowestNode, newestNode, node22 } from './versions.ts'

function on(version: string, flavour: 'esm' | 'cjs'): Case {
  const [major = ''] = version.split('.')
  const modules = flavour === 'esm' ? 'ES modules' : 'CommonJS'
  return { name: `node-${major}-${flavour}`, what: `Node ${version}, ${modules}`, flavour, node: version }
}

export const nodeCases: readonly Case[] = [lowestNode, node22, newestNode].flatMap((version) => [
  on(version, 'esm'),
  on(version, 'cjs'),
])
