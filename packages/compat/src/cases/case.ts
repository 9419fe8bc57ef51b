import type { Settings } from '../app/settings.ts'

/** The form of the application's code in a case. */
type Flavour = 'esm' | 'cjs' | 'ts'

/** One way in which production runs an application. */
export interface Case {
  readonly name: string
  /** Describes the case for `--list`. */
  readonly what: string
  readonly flavour: Flavour
  /** @defaultValue `module` for ES modules, else `commonjs` */
  readonly packageType?: 'module' | 'commonjs'
  /** Packages to install in addition to the packages and their peers, or instead of these, all pinned. */
  readonly dependencies?: Readonly<Record<string, string>>
  /** Packages whose install scripts have to run. */
  readonly builds?: readonly string[]
  /** What the system needs for that, for the error message. */
  readonly needs?: string
  /** Files from the folder `files` to copy next to the application. */
  readonly files?: readonly string[]
  /** Ending of TypeScript's relative imports. @defaultValue '.js' */
  readonly importEnding?: '' | '.js'
  /** Imports of the application that are redirected. */
  readonly reroutedImports?: Readonly<Record<string, string>>
  /** Folders to copy after the installation: from, to. */
  readonly copies?: readonly (readonly [string, string])[]
  /** Commands to run first, such as a bundler: Node's arguments, starting with the script. */
  readonly steps?: readonly (readonly string[])[]
  /** Node's arguments. @defaultValue `['app/main.js']` */
  readonly run?: readonly string[]
  /** Runs only this folder, in a place without `node_modules`. */
  readonly moved?: string
  readonly env?: Readonly<Record<string, string>>
  /** Version of the npm package with another Node binary than the one that runs this. */
  readonly node?: string
  /** What the agent must have seen at least once, by kind. */
  readonly evidence?: readonly string[]
  /** What the agent must have seen at least as often with a stream as without, by kind. */
  readonly equalEvidence?: readonly string[]
  /** The server that the agent sends to. */
  readonly collector?: 'elastic' | 'newrelic'
  /** Headers that some of the messages must have. */
  readonly headers?: readonly string[]
  /** Text that the agent must have added to statements. */
  readonly comment?: string
  /** The application must print nothing at all. */
  readonly isSilent?: boolean
  readonly sequelize?: Settings['sequelize']
  /** A pooler in front of the database. */
  readonly pooler?: 'transaction' | 'session'
}
