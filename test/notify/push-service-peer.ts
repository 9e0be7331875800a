import { createDecipheriv, createECDH, createPublicKey, hkdfSync, randomBytes, verify } from "node:crypto"
import { createServer } from "node:http"
import { serving } from "../road/serving.ts"

/** A browser's side of a subscription: what it gives away, and what it keeps to read with. */
export interface Browser {
  readonly p256dh: string
  readonly auth: string
  /** Opens a body of Content-Encoding aes128gcm (RFC 8188, RFC 8291, section 3.4), written from their text. */
  readonly read: (body: Buffer) => string
}

export const makeBrowser = (): Browser => {
  const own = createECDH("prime256v1")
  const point = own.generateKeys()
  const auth = randomBytes(16)
  const hkdf = (salt: Buffer, key: Buffer, info: string | Buffer, bytes: number) =>
    Buffer.from(hkdfSync("sha256", key, salt, info, bytes))
  return {
    p256dh: point.toString("base64url"),
    auth: auth.toString("base64url"),
    read: (body) => {
      const salt = body.subarray(0, 16)
      const keyEnd = 21 + body.readUInt8(20)
      const sender = body.subarray(21, keyEnd)
      const input = hkdf(
        auth,
        own.computeSecret(sender),
        Buffer.concat([Buffer.from("WebPush: info\0"), point, sender]),
        32
      )
      const key = hkdf(salt, input, "Content-Encoding: aes128gcm\0", 16)
      const decipher = createDecipheriv("aes-128-gcm", key, hkdf(salt, input, "Content-Encoding: nonce\0", 12))
      decipher.setAuthTag(body.subarray(-16))
      const padded = Buffer.concat([decipher.update(body.subarray(keyEnd, -16)), decipher.final()])
      const end = padded.lastIndexOf(2)
      if (end < 0 || padded.subarray(end + 1).some((byte) => byte !== 0)) throw new Error("the padding is wrong")
      return padded.subarray(0, end).toString()
    }
  }
}

/** One request that the push service got. */
export interface PushRequest {
  readonly path: string
  readonly method: string
  readonly headers: Readonly<Record<string, string | undefined>>
  readonly body: Buffer
}

/** The claims of a VAPID token, once its signature holds by the key that goes with it (RFC 8292). */
export const vapidClaims = (
  authorization: string
): { readonly claims: Record<string, unknown>; readonly key: string } => {
  const [, token = "", key = ""] = /^vapid t=([\w.-]+), k=([\w-]+)$/.exec(authorization) ?? []
  const [header = "", claims = "", signature = ""] = token.split(".")
  const point = Buffer.from(key, "base64url")
  const [x, y] = [point.subarray(1, 33).toString("base64url"), point.subarray(33).toString("base64url")]
  const publicKey = createPublicKey({ format: "jwk", key: { kty: "EC", crv: "P-256", x, y } })
  const how = { key: publicKey, dsaEncoding: "ieee-p1363" } as const
  if (!verify("sha256", Buffer.from(`${header}.${claims}`), how, Buffer.from(signature, "base64url")))
    throw new Error("the VAPID token's signature does not hold")
  return { claims: JSON.parse(Buffer.from(claims, "base64url").toString()) as Record<string, unknown>, key }
}

/** A push service over a real socket. `answer`: status and headers for a path. */
export const startPushService = async (
  answer: (path: string) => readonly [number, Readonly<Record<string, string>>?] = () => [201]
) => {
  const requests: Array<PushRequest> = []
  const server = createServer((incoming, response) => {
    const chunks: Array<Buffer> = []
    incoming.on("data", (chunk: Buffer) => void chunks.push(chunk))
    incoming.on("end", () => {
      const headers = incoming.headers as PushRequest["headers"]
      const path = incoming.url ?? ""
      if (!path.startsWith("/push/")) return void response.writeHead(404).end()
      requests.push({ path, method: incoming.method ?? "", headers, body: Buffer.concat(chunks) })
      const [status, more = {}] = answer(path)
      response.writeHead(status, more).end()
    })
  })
  const { port, close } = await serving(server)
  return {
    origin: `http://127.0.0.1:${port}`,
    endpoint: (name: string) => `http://127.0.0.1:${port}/push/${name}`,
    requests,
    close
  }
}
