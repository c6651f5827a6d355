// One colour for each curve, the same in the chart, its legend and the device's card.

const own = new Map([['grid', '--curve-grid'], ['solar', '--curve-solar']])
const palette = 8

/** The CSS variable of each curve's colour. Past eight devices colours repeat; names tell them apart. */
export function curveColours(names: string[]): Map<string, string> {
  const found = new Map<string, string>()
  let next = 0
  for (const name of names) {
    found.set(name, own.get(name) ?? `--curve-${next++ % palette}`)
  }
  return found
}
