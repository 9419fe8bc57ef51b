import { writeFileSync } from 'node:fs'
import { inspect } from 'node:util'
import { runApplication } from './application.ts'
import type { ExtraOptions } from './application.ts'
import { readSettings } from './settings.ts'

/** Runs the application and writes its report for the runner. */
export async function runAndReport(extra: ExtraOptions = {}): Promise<void> {
  const settings = readSettings()
  const report = await runApplication(settings, extra)
  writeFileSync(settings.reportFile, JSON.stringify(report))
}

/** For a process that does nothing else. Ends it on failure, however agents handle rejections. */
export async function main(extra: ExtraOptions = {}): Promise<void> {
  try {
    await runAndReport(extra)
  } catch (error) {
    process.stderr.write(`${inspect(error)}\n`)
    process.exit(1)
  }
}
