/**
 * Which good images are kept from training when a folder has defects but no test split of its own.
 *
 * Training and evaluation both read the folder through `readDataset`, so the choice is made once, here,
 * and they never see the same file. Every fifth image in natural order is held out: no randomness, and
 * images added at the end (later dates, higher numbers) leave the earlier choice as it was.
 */

const period = 5

/** True for the 5th, 10th, 15th ... of the good images. */
export function isHeldOut(index: number): boolean {
  return index % period === period - 1
}
