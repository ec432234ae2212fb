import { expect, test } from 'vitest'
import { filesOfList } from './file.ts'

test('of what was chosen only pictures are taken, by name or by kind', () => {
  const files = [
    new File([], 'part.TIF'),
    new File([], 'notes.txt'),
    new File([], 'pasted', { type: 'image/png' }),
    new File([], 'vector.svg', { type: 'image/svg+xml' }),
  ]
  const list = Object.assign(files, { item: () => null }) as unknown as FileList
  expect(filesOfList(list).map(({ name }) => name)).toEqual(['part.TIF', 'pasted'])
})
