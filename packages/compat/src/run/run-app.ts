import { cp, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Case } from '../cases/case.ts'
import { nodePackage } from './install.ts'
import { runNode } from './run-node.ts'
import type { NodeResult } from './run-node.ts'

export interface AppRun {
  /** The folder in which it is installed. */
  readonly folder: string
  readonly env: NodeJS.ProcessEnv
  readonly signal: AbortSignal
}

/** It takes some 15 s on an idle machine. */
const timeoutMs = 180_000

/** Runs the application of a case to its end. */
export async function runApp(each: Case, { folder, env, signal }: AppRun): Promise<NodeResult> {
  const ownNode = join(folder, 'node_modules', nodePackage(), 'bin', 'node')
  const node = each.node === undefined ? process.execPath : ownNode
  const args = each.run ?? ['app/main.js']
  if (each.moved === undefined) return runNode(node, args, { cwd: folder, env, signal, timeoutMs })
  const alone = await mkdtemp(join(tmpdir(), 'kt-compat-alone-'))
  try {
    await cp(join(folder, each.moved), alone, { recursive: true })
    return await runNode(node, args, { cwd: alone, env, signal, timeoutMs })
  } finally {
    await rm(alone, { recursive: true, force: true })
  }
}
