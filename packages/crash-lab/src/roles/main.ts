import { errorFields } from '@kt/core'
import type { Command, Report, Request } from '../harness/protocol.ts'
import type { RoleName } from '../harness/settings.ts'
import { startCascader } from './cascader.ts'
import { startDelayer } from './delayer.ts'
import { FaultInjector } from './fault-injector.ts'
import { measureMemory } from './memory.ts'
import { startIndexer } from './indexer.ts'
import type { Role, StartRole } from './role.ts'
import { startWriter } from './writer.ts'

// The process of a role. It loads all code before it receives its role, so that an idle process can replace a killed
// one at once.

const starts: Record<RoleName, StartRole> = {
  writer: startWriter,
  indexer: startIndexer,
  delayer: startDelayer,
  cascader: startCascader,
}

const faults = new FaultInjector((point) => report({ type: 'reached', point }))
let role: Role = {}

process.once('disconnect', () => process.exit())
process.on('message', (request) => void answer(request as Request))
report({ type: 'loaded' })

async function answer({ id, command }: Request): Promise<void> {
  try {
    await obey(command)
    report({ type: 'done', id })
  } catch (error) {
    report({ type: 'done', id, error: JSON.stringify(errorFields(error)) })
  }
}

async function obey(command: Command): Promise<void> {
  switch (command.type) {
    case 'start':
      role = await starts[command.role](command.settings, faults)
      return
    case 'arm':
      return faults.arm(command.point, command.hits)
    case 'release':
      return faults.release()
    case 'write':
      return role.write?.(command.write)
    case 'flush':
      return role.flush?.()
    case 'stop':
      return role.stop?.()
    case 'memory':
      return report({ type: 'memory', memory: measureMemory() })
    default:
      return command satisfies never
  }
}

function report(message: Report): void {
  process.send?.(message)
}
