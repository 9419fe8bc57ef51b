import type { Settings } from '../app/settings.ts'

/** The form in which a case gets the application. */
type Flavour = 'esm' | 'cjs' | 'ts'

/** One way in which production runs an application. */
export interface Case {
  readonly name: string
  /** What is tried, for `--list`. */
  readonly what: string
  readonly flavour: Flavour
  /** @defaultValue `module` for ES modules, else `commonjs` */
  readonly packageType?: 'module' | 'commonjs'
  /** What the application installs beside the packages and their peers, or in place of those, all pinned. */
  readonly dependencies?: Readonly<Record<string, string>>
  /** Packages whose install scripts have to run. */
  readonly builds?: readonly string[]
  /** What the system has to have for that, for the message when it fails. */
  readonly needs?: string
  /** Files from the folder `files`, which are copied beside the application. */
  readonly files?: readonly string[]
  /** How relative imports of TypeScript end. @defaultValue '.js' */
  readonly importEnding?: '' | '.js'
  /** Imports of the application that lead elsewhere. */
  readonly reroutedImports?: Readonly<Record<string, string>>
  /** Copies of folders, made once everything is installed: from, to. */
  readonly copies?: readonly (readonly [string, string])[]
  /** Commands that are run first, such as a bundler: arguments of Node, beginning with its script. */
  readonly steps?: readonly (readonly string[])[]
  /** What Node is started with. @defaultValue `['app/main.js']` */
  readonly run?: readonly string[]
  /** Runs this folder, and it alone, where no `node_modules` can be found. */
  readonly moved?: string
  readonly env?: Readonly<Record<string, string>>
  /** A Node other than the one that runs this: a version of the npm package that carries its binary. */
  readonly node?: string
  /** What the agent must have seen at least once, by what it is. */
  readonly evidence?: readonly string[]
  /** What the agent must have seen as much of in the writes with a stream as in those without. */
  readonly equalEvidence?: readonly string[]
  /** What the agent sends to. */
  readonly collector?: 'elastic' | 'newrelic'
  /** Headers that some of the messages must have. */
  readonly headers?: readonly string[]
  /** What the agent must have added to statements. */
  readonly comment?: string
  /** It must print nothing at all. */
  readonly isSilent?: boolean
  readonly sequelize?: Settings['sequelize']
  /** A pooler before the database. */
  readonly pooler?: 'transaction' | 'session'
}
