import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'

test('loads in plain Node, which finds only some named exports of kafkajs, a CommonJS module', async () => {
  const cwd = fileURLToPath(new URL('.', import.meta.url))
  const script = `console.log(Object.keys(await import('./index.ts')).join())`
  const flags = ['--conditions=@kt/source', '--import', 'tsx', '--input-type=module']
  const { stdout } = await promisify(execFile)(process.execPath, [...flags, '--eval', script], { cwd })
  expect(stdout.trim()).toBe('Consumer,GroupMonitor,IndexMonitor')
})
