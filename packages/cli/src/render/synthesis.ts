/** A synthesised dataset in words. */
import type { SynthesisedDataset } from '@assay/core'
import { renderTable } from './table.ts'
import { countOf, formatBytes, printable, type createPaint } from './text.ts'

/** The lines that `assay data synthesise` prints. */
export function synthesisInWords(
  written: SynthesisedDataset,
  paint: ReturnType<typeof createPaint>,
): string[] {
  const { folder, width, height, seed, images, masks, bytes, products } = written
  return [
    `${paint('bold', printable(folder))}: ${countOf(images, 'made-up picture')} of ${width} x ${height} and ${countOf(masks, 'mask')} (${formatBytes(bytes)}) in the MVTec AD layout, seed ${seed}.`,
    '',
    ...renderTable(
      [
        { head: 'product' },
        { head: 'training', align: 'right' },
        { head: 'good', align: 'right' },
        { head: 'defects', align: 'right' },
        { head: 'kinds' },
      ],
      products.map(({ name, train, testGood, defects }) => [
        name,
        String(train),
        String(testGood),
        String(defects.reduce((sum, defect) => sum + defect.images, 0)),
        defects.map((defect) => defect.name).join(', '),
      ]),
    ),
  ]
}
