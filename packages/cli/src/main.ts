#!/usr/bin/env node
import { createProgram } from './program.ts'
import { reportError } from './output/report-error.ts'

// Imported modules of a configuration may keep the process alive after a command has ended.
const graceMs = 2_000

// Whoever reads the output may have seen enough, such as head. The work goes on, and so does its exit code.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error
})

try {
  await createProgram().parseAsync()
} catch (error) {
  process.exitCode = reportError(error)
}
setTimeout(() => process.exit(), graceMs).unref()
