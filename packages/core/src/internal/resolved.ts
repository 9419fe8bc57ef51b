/** Options with their defaults. Those named by `WithoutDefault` may be undefined. */
export type Resolved<Options, WithoutDefault extends keyof Options = never> = {
  readonly [Name in keyof Options]-?: Name extends WithoutDefault
    ? Options[Name] | undefined
    : Exclude<Options[Name], undefined>
}
