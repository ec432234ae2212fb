/**
 * Names for the files that belong to each image, so that no two images share one.
 *
 * The folders of the input are kept (`left/0001.png` becomes `left/0001`). Images that would collide get
 * their ending too (`0001.jpg`), and a number where even that is not enough, as when the same name comes
 * from two paths on the command line. Compared without case, as some file systems do.
 */

/** One name per image, without ending, with forward slashes; `relative` paths come in the order of images. */
export function planNames(relative: readonly string[]): string[] {
  const stems = relative.map((path) => shorten(path.replace(/([^/])\.[^./]*$/, '$1')))
  const shared = countBy(stems.map(fold))
  const wanted = stems.map((stem, i) =>
    (shared.get(fold(stem)) ?? 0) > 1 ? shorten(relative[i] ?? stem) : stem,
  )
  const wantedTimes = countBy(wanted.map(fold))
  const taken = new Set(wanted.map(fold).filter((name) => wantedTimes.get(name) === 1))
  return wanted.map((name) => {
    if (wantedTimes.get(fold(name)) === 1) return name
    let free = name
    for (let n = 2; taken.has(fold(free)); n++) free = `${name}-${n}`
    taken.add(fold(free))
    return free
  })
}

/** File systems allow 255 bytes per name; room is left for endings. */
const longestBytes = 200

function shorten(path: string): string {
  return path
    .split('/')
    .map((part) => {
      if (Buffer.byteLength(part) <= longestBytes) return part
      let short = part
      while (Buffer.byteLength(short) > longestBytes) short = Array.from(short).slice(0, -1).join('')
      return short
    })
    .join('/')
}

function fold(name: string): string {
  return name.normalize('NFC').toLowerCase()
}

function countBy(names: readonly string[]): Map<string, number> {
  const counts = new Map<string, number>()
  for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1)
  return counts
}
