export { pinoLogger } from './pino-logger.ts'
export type { PinoTarget } from './pino-logger.ts'
