/**
 * Text without accents: `Zürich` becomes `Zurich`. Done here, on both sides of the search, rather than by an analyser,
 * since not every server has the plugin for it.
 */
export function fold(text: string): string {
  return text.normalize('NFD').replaceAll(/\p{Mark}/gu, '')
}
