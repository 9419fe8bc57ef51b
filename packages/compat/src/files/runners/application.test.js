import { runAndReport } from './app/write-report.js'

test('the application', () => runAndReport(), 110_000)
