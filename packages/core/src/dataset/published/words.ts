/** Published counts in words. */
import type { CountName } from './published.ts'

/** `describeCount(1, 'test good')` is `1 good test image`. */
export function describeCount(count: number, name: CountName): string {
  const images = count === 1 ? 'image' : 'images'
  switch (name) {
    case 'train':
      return `${count} training ${images}`
    case 'validation':
      return `${count} validation ${images}`
    case 'test good':
      return `${count} good test ${images}`
    case 'test defects':
      return `${count} test ${images} with defects`
    case 'good':
      return `${count} good ${images}`
    case 'defects':
      return `${count} ${images} with defects`
    case 'test_private':
    case 'test_private_mixed':
      return `${count} ${images} in ${name}`
    default:
      return name satisfies never
  }
}
