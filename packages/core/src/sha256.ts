/** SHA-256 by the Web Crypto API, which Node and browsers (in secure contexts) have. */

/** The 32 bytes of the sum. */
export async function sha256Of(bytes: Uint8Array): Promise<Uint8Array<ArrayBuffer>> {
  // Only shared memory would be refused, which nothing here hands over.
  const plain = bytes as Uint8Array<ArrayBuffer>
  return new Uint8Array(await crypto.subtle.digest('SHA-256', plain))
}

/** The sum in hexadecimal. */
export async function sha256Hex(bytes: Uint8Array): Promise<string> {
  return Array.from(await sha256Of(bytes), (byte) => byte.toString(16).padStart(2, '0')).join('')
}
