/** An address that leads nowhere. */
import { Empty } from '../part/notice.tsx'

export function NotFound() {
  return (
    <Empty title="There is no such screen">
      <p>
        Go to <a href="/">all products</a>.
      </p>
    </Empty>
  )
}
