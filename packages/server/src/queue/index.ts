/** Long work waits here. */
export { openDelivery, type Delivery } from './delivery.ts'
export { createQueue } from './queue.ts'
