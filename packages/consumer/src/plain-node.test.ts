import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'

test('loads in plain Node, where kafkajs, a CommonJS module, gives only some of its exports by name', async () => {
  const cwd = fileURLToPath(new URL('.', import.meta.url))
  const script = `console.log(Object.keys(await import('./index.ts')).join())`
  const flags = ['--conditions=@kt/source', '--import', 'tsx', '--input-type=module']
  const { stdout } = await promisify(execFile)(process.execPath, [...flags, '--eval', script], { cwd })
  expect(stdout.trim()).toBe('Consumer')
})
