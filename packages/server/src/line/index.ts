/** What connects a production line without code: watched folders in, webhooks and MQTT out. */
export { startLine } from './line.ts'
