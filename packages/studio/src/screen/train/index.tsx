/** Training: what is asked for, what runs, and what came of it. */
import type { ApiProduct } from '@assay/contract/api'
import { useRoute } from 'preact-iso'
import { useState } from 'preact/hooks'
import { Empty } from '../../part/notice.tsx'
import { jobsOf } from '../../state/job.ts'
import { ProductScreen } from '../frame.tsx'
import { JobCard } from './job-card.tsx'
import { JobLog } from './job-log.tsx'
import { Order } from './order.tsx'
import { SampleMaps } from './sample-maps.tsx'

export function Train() {
  const { params } = useRoute()
  const id = params['product'] ?? ''
  return (
    <ProductScreen key={id} id={id} title="Train">
      {(product) => <Trainings product={product} />}
    </ProductScreen>
  )
}

function Trainings({ product }: { product: ApiProduct }) {
  const [log, setLog] = useState<string | null>(null)
  const own = jobsOf(product.id)
  return (
    <div class="columns">
      <section class="pane scroll aside wide" aria-label="New training">
        <Order product={product} />
      </section>
      <section class="pane scroll grow" aria-label="Jobs">
        <h2>Jobs</h2>
        {own.length === 0 ? (
          <Empty title="Nothing has been trained yet">
            <p>
              {product.images.good < 2
                ? 'Add pictures of good parts first; two are the least, twenty a beginning.'
                : 'The proposed choices are good for a first model. Start it; you may close the page meanwhile.'}
            </p>
            {product.images.good < 2 && (
              <a class="button primary" href={`/product/${product.id}`}>
                Add pictures
              </a>
            )}
          </Empty>
        ) : (
          <ol class="jobs">
            {own.map((job) => (
              <li key={job.id}>
                <JobCard job={job} onLog={() => setLog(job.id)} />
              </li>
            ))}
          </ol>
        )}
        {product.activeModel !== null && <SampleMaps product={product} />}
      </section>
      {log !== null && <JobLog job={log} onClose={() => setLog(null)} />}
    </div>
  )
}
