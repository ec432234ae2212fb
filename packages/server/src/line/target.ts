/** Where messages go: addresses that the server was configured with, never one that came through the API. */
import { createHmac } from 'node:crypto'
import mqtt, { type MqttClient } from 'mqtt'
import type { MqttTarget, Target, WebhookTarget } from '../config.ts'

export interface Sender {
  readonly name: string
  readonly kind: Target['kind']
  /** Resolves when the other side has confirmed; `id` is the same when a message is sent again. */
  send(id: string, text: string): Promise<void>
  close(): Promise<void>
}

const patienceMs = 10_000

export function createSender(target: Target): Sender {
  switch (target.kind) {
    case 'webhook':
      return createWebhook(target)
    case 'mqtt':
      return createMqtt(target)
    default:
      return target satisfies never
  }
}

/**
 * Posts JSON. The signature is the HMAC-SHA256 of "<time>.<body>" under the secret, in hexadecimal, so that the other
 * side can tell that it came from here and when.
 */
function createWebhook({ name, kind, url, secret }: WebhookTarget): Sender {
  return {
    name,
    kind,
    send: async (id, text) => {
      const time = String(Math.floor(Date.now() / 1000))
      const response = await fetch(url, {
        method: 'POST',
        // It would lead to an address that nobody configured.
        redirect: 'error',
        signal: AbortSignal.timeout(patienceMs),
        headers: {
          'content-type': 'application/json',
          'x-assay-id': id,
          'x-assay-time': time,
          'x-assay-signature': `sha256=${createHmac('sha256', secret).update(`${time}.${text}`).digest('hex')}`,
        },
        body: text,
      })
      await response.body?.cancel()
      if (!response.ok) throw new Error(`it answered ${response.status}`)
    },
    close: async () => {},
  }
}

/** Publishes with quality of service 1: the broker confirms each message. */
function createMqtt({ name, kind, url, topic }: MqttTarget): Sender {
  let client: MqttClient | null = null
  const connect = (): MqttClient => {
    const made = mqtt.connect(url, { connectTimeout: patienceMs, reconnectPeriod: 2000, queueQoSZero: false })
    // What fails shows at the message that fails.
    made.on('error', () => {})
    return made
  }
  return {
    name,
    kind,
    send: async (_id, text) => {
      client ??= connect()
      const timeout = new Promise<never>((_resolve, reject) => {
        setTimeout(() => reject(new Error('the broker does not confirm')), patienceMs).unref()
      })
      await Promise.race([client.publishAsync(topic, text, { qos: 1 }), timeout])
    },
    close: async () => {
      await client?.endAsync(true)
    },
  }
}
