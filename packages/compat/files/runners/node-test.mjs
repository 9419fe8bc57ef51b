import { test } from 'node:test'
import { runAndReport } from './app/write-report.js'

test('the application', () => runAndReport())
