import { test } from 'vitest'
import { runAndReport } from './app/write-report'

test('the application', () => runAndReport(), 170_000)
