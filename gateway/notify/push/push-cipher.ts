import { createCipheriv, createECDH, createHmac, hkdfSync } from "node:crypto"

/** What a browser gave with its subscription: its public key and its secret, as base64url. */
export interface SubscriptionKeys {
  /** P-256 point, uncompressed: 65 bytes. */
  readonly p256dh: string
  /** 16 bytes. */
  readonly auth: string
}

/** What one message is sealed with, new for each: a private P-256 key (32 bytes) and a salt (16 bytes). */
export interface PushChance {
  readonly privateKey: Buffer
  readonly salt: Buffer
}

/** A browser gave keys that are none. */
export class KeysUnusable extends Error {
  override readonly name = "KeysUnusable"
}

/** RFC 8291, section 4: a push service need not take a larger body. */
const bodyMaxBytes = 4096
/** Salt, record size, length of the key, the key (RFC 8188, section 2.1). */
const headerBytes = 16 + 4 + 1 + 65
/** The delimiter of the last record, and the tag of AES-GCM. */
const tailBytes = 1 + 16

/** The longest message that fits. */
export const payloadMaxBytes = bodyMaxBytes - headerBytes - tailBytes

const derived = (salt: Buffer, key: Buffer, info: Buffer | string, bytes: number): Buffer =>
  Buffer.from(hkdfSync("sha256", key, salt, info, bytes))

const keysOf = ({ p256dh, auth }: SubscriptionKeys) => {
  const keys = { point: Buffer.from(p256dh, "base64url"), secret: Buffer.from(auth, "base64url") }
  if (keys.point.length !== 65 || keys.point[0] !== 4) throw new KeysUnusable("p256dh is no uncompressed P-256 point")
  if (keys.secret.length !== 16) throw new KeysUnusable("auth is not 16 bytes")
  return keys
}

/**
 * Seals a message for one browser: Content-Encoding aes128gcm in one record (RFC 8291 over RFC 8188). Only that browser
 * can read it; the push service in between cannot. Throws `KeysUnusable`, and `RangeError` for a payload beyond
 * `payloadMaxBytes`.
 */
export const sealed = (keys: SubscriptionKeys, payload: Buffer, { privateKey, salt }: PushChance): Buffer => {
  if (payload.length > payloadMaxBytes) throw new RangeError(`a push message holds ${payloadMaxBytes} bytes at most`)
  const { point, secret } = keysOf(keys)
  const sender = createECDH("prime256v1")
  sender.setPrivateKey(privateKey)
  const own = sender.getPublicKey()
  const shared = agreed(sender, point)
  const info = Buffer.concat([Buffer.from("WebPush: info\0"), point, own])
  const input = derived(secret, shared, info, 32)
  const key = derived(salt, input, "Content-Encoding: aes128gcm\0", 16)
  const nonce = derived(salt, input, "Content-Encoding: nonce\0", 12)
  const cipher = createCipheriv("aes-128-gcm", key, nonce)
  const record = Buffer.concat([cipher.update(Buffer.concat([payload, Buffer.of(2)])), cipher.final()])
  const header = Buffer.alloc(21)
  salt.copy(header)
  header.writeUInt32BE(bodyMaxBytes, 16)
  header.writeUInt8(own.length, 20)
  return Buffer.concat([header, own, record, cipher.getAuthTag()])
}

const agreed = (sender: ReturnType<typeof createECDH>, point: Buffer): Buffer => {
  try {
    return sender.computeSecret(point)
  } catch {
    throw new KeysUnusable("p256dh is no point of the curve P-256")
  }
}

/**
 * The Topic of a message, by which a push service replaces an older one that waits (RFC 8030, section 5.4): 32 characters
 * of the base64url alphabet at most. What fits is itself; anything else is known by its hash.
 */
export const topicOf = (name: string): string =>
  /^[\w-]{1,32}$/.test(name) ? name : createHmac("sha256", "topic").update(name).digest("base64url").slice(0, 32)
