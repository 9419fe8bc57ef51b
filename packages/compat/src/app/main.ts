import { main } from './write-report.ts'

void main()
