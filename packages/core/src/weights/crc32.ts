/** CRC-32 as used by zip (reflected polynomial 0xEDB88320), four bytes a step. */

const tables = makeTables()

/** Checksum of `bytes` as an unsigned 32-bit number. `crc32(of('123456789'))` is 0xcbf43926. */
export function crc32(bytes: Uint8Array): number {
  const [t0, t1, t2, t3] = tables
  let crc = 0xffffffff
  const fours = bytes.length - (bytes.length % 4)
  // All table indices are below 256 and all byte indices below the length.
  for (let i = 0; i < fours; i += 4) {
    crc ^= bytes[i]! | (bytes[i + 1]! << 8) | (bytes[i + 2]! << 16) | (bytes[i + 3]! << 24)
    crc = t3[crc & 255]! ^ t2[(crc >>> 8) & 255]! ^ t1[(crc >>> 16) & 255]! ^ t0[crc >>> 24]!
  }
  for (let i = fours; i < bytes.length; i++) crc = t0[(crc ^ bytes[i]!) & 255]! ^ (crc >>> 8)
  return (crc ^ 0xffffffff) >>> 0
}

function makeTables(): readonly [Int32Array, Int32Array, Int32Array, Int32Array] {
  const t = [new Int32Array(256), new Int32Array(256), new Int32Array(256), new Int32Array(256)] as const
  for (let i = 0; i < 256; i++) {
    let crc = i
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0xedb88320 : crc >>> 1
    t[0][i] = crc
  }
  for (let i = 0; i < 256; i++)
    for (let k = 1; k < 4; k++) t[k]![i] = (t[k - 1]![i]! >>> 8) ^ t[0][t[k - 1]![i]! & 255]!
  return t
}
