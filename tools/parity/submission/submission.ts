/**
 * Our half of the comparison with the official checker of MVTec AD 2; `judge.py` calls it.
 *
 * Run: npx node tools/parity/submission/submission.ts make|check|pack|judge <paths>
 */
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import {
  checkSubmission,
  packSubmission,
  submissionFile,
  submissionFolder,
  submissionObjects,
  submissionSplits,
} from '../../../packages/core/src/dataset/submission/index.ts'
import { judgeMapFile, judgeMaskFile } from '../../../packages/core/src/dataset/submission/content.ts'
import { encodeFloatTiff, encodeMaskPng } from '../../../packages/core/src/image/index.ts'

const [verb = '', ...paths] = process.argv.slice(2)
const [width, height] = [9, 7]

/** The values that judge.py repeats: every binade of a half, its overflow and subnormals, both signs. */
function drawMap(image: number): Float32Array {
  return Float32Array.from({ length: width * height }, (_, i) => {
    const n = (7919 * i + 104729 * (image + 1)) % 10007
    return (n / 10007 - 0.25) * 2 ** ((n % 45) - 27)
  })
}

async function make(folder: string): Promise<void> {
  let image = 0
  for (const [object, count] of submissionObjects)
    for (const split of submissionSplits)
      for (let i = 0; i < count; i++, image++) {
        const map = drawMap(image)
        const place = (kind: 'maps' | 'masks'): string => join(folder, submissionFolder(kind), object, split)
        if (i === 0)
          for (const kind of ['maps', 'masks'] as const) await mkdir(place(kind), { recursive: true })
        await writeFile(
          join(place('maps'), submissionFile('maps', split, i)),
          encodeFloatTiff(map, width, height, { bits: 16 }),
        )
        const mask = Uint8Array.from(map, (value) => (value > 1 ? 1 : 0))
        await writeFile(
          join(place('masks'), submissionFile('masks', split, i)),
          await encodeMaskPng(mask, width, height),
        )
      }
}

switch (verb) {
  case 'make':
    await make(paths[0]!)
    break
  case 'check':
    console.log(JSON.stringify(await checkSubmission(paths[0]!)))
    break
  case 'pack':
    console.log(JSON.stringify(await packSubmission(paths[0]!, paths[1]!)))
    break
  case 'judge':
    for (const path of paths) {
      const bytes = await readFile(path)
      const finding = path.endsWith('.tiff') ? judgeMapFile(bytes) : await judgeMaskFile(bytes)
      console.log(JSON.stringify(finding))
    }
    break
  default:
    throw new Error(`"${verb}" is none of make, check, pack, judge`)
}
