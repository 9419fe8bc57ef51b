/**
 * Removes accents: `Zürich` becomes `Zurich`. Used on both sides of the search instead of an analyser, because not
 * every server has the plugin for that.
 */
export function fold(text: string): string {
  return text.normalize('NFD').replaceAll(/\p{Mark}/gu, '')
}
