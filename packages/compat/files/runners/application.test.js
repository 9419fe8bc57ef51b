import { runAndReport } from './app/write-report.js'

test('the application', () => runAndReport(), 170_000)
