import { createHash, randomBytes, randomUUID } from "node:crypto"
import { type IncomingHttpHeaders, request } from "node:http"
import { request as secureRequest } from "node:https"

/** What came back, as it came. */
export interface Reply {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly bytes: Buffer
  readonly text: string
}

export interface Sent {
  readonly method?: "GET" | "POST"
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string
  /** Gives the call up. */
  readonly signal?: AbortSignal
}

/** One HTTP exchange on a connection of its own; rejects when the connection breaks before the answer is whole. */
export const send = (url: string, { method = "POST", headers = {}, body, signal }: Sent = {}): Promise<Reply> =>
  new Promise((resolve, reject) => {
    const make = url.startsWith("https:") ? secureRequest : request
    const options = {
      method,
      headers,
      agent: false as const,
      rejectUnauthorized: false,
      ...(signal === undefined ? {} : { signal })
    }
    const sent = make(url, options, (response) => {
      const chunks: Array<Buffer> = []
      response.on("data", (chunk: Buffer) => chunks.push(chunk))
      response.on("error", reject)
      response.on("aborted", () => reject(new Error("aborted")))
      response.on("end", () => {
        const bytes = Buffer.concat(chunks)
        resolve({ status: response.statusCode ?? 0, headers: response.headers, bytes, text: bytes.toString("utf8") })
      })
    })
    sent.on("error", reject)
    // As bytes: with a string Node would write the headers in the body's encoding.
    sent.end(body === undefined ? undefined : Buffer.from(body))
  })

const envelopeNamespaces =
  'xmlns:s="http://www.w3.org/2003/05/soap-envelope" xmlns:a="http://www.w3.org/2005/08/addressing" ' +
  'xmlns:tds="http://www.onvif.org/ver10/device/wsdl" xmlns:tev="http://www.onvif.org/ver10/events/wsdl" ' +
  'xmlns:trt="http://www.onvif.org/ver10/media/wsdl" xmlns:tac="http://www.onvif.org/ver10/accesscontrol/wsdl" ' +
  'xmlns:tdc="http://www.onvif.org/ver10/doorcontrol/wsdl" xmlns:tcr="http://www.onvif.org/ver10/credential/wsdl" ' +
  'xmlns:wsnt="http://docs.oasis-open.org/wsn/b-2" xmlns:tns1="http://www.onvif.org/ver10/topics"'

export interface Asked {
  readonly url: string
  /** Inside the SOAP body. */
  readonly body: string
  /** Absent: the call has no WS-Addressing. */
  readonly action?: string
  readonly messageId?: string
  /** More header blocks. */
  readonly header?: string
  readonly headers?: Readonly<Record<string, string>>
  readonly signal?: AbortSignal
}

export const messageIdOf = (): string => `urn:uuid:${randomUUID()}`

/** A SOAP 1.2 call. */
export const soap = ({ url, body, action, messageId, header = "", headers = {}, signal }: Asked): Promise<Reply> => {
  const addressing =
    action === undefined
      ? ""
      : `<a:Action>${action}</a:Action><a:MessageID>${messageId ?? messageIdOf()}</a:MessageID><a:To>${url}</a:To>`
  const text =
    `<?xml version="1.0"?><s:Envelope ${envelopeNamespaces}><s:Header>${addressing}${header}</s:Header>` +
    `<s:Body>${body}</s:Body></s:Envelope>`
  return send(url, {
    headers: { "content-type": "application/soap+xml; charset=utf-8", ...headers },
    body: text,
    ...(signal === undefined ? {} : { signal })
  })
}

/** The text of every element of that local name. */
export const texts = (xml: string, name: string): ReadonlyArray<string> =>
  [...xml.matchAll(new RegExp(`<(?:[\\w-]+:)?${name}(?:\\s[^>]*)?>([^<]*)</`, "g"))].map((match) => match[1] ?? "")

export const text = (xml: string, name: string): string | undefined => texts(xml, name)[0]

/** The values of the SimpleItems of that name. */
export const values = (xml: string, item: string): ReadonlyArray<string> =>
  [...xml.matchAll(new RegExp(`SimpleItem Name="${item}" Value="([^"]*)"`, "g"))].map((match) => match[1] ?? "")

const hash = (algorithm: string, content: string): string => createHash(algorithm).update(content).digest("hex")

export interface Login {
  readonly name: string
  readonly password: string
}

const parameters = (challenge: string): ReadonlyMap<string, string> =>
  new Map(
    [...challenge.matchAll(/(\w+)=(?:"([^"]*)"|([^,\s]+))/g)].map((match) => [
      match[1] ?? "",
      match[2] ?? match[3] ?? ""
    ])
  )

/** An `Authorization` header for a challenge (RFC 7616, qop=auth). */
export const digest = (
  challenge: string,
  { name, password }: Login,
  { method = "POST", target, count = 1, nonce }: { method?: string; target: string; count?: number; nonce?: string }
): string => {
  const asked = parameters(challenge)
  const algorithm = asked.get("algorithm") === "SHA-256" ? "sha256" : "md5"
  const used = nonce ?? asked.get("nonce") ?? ""
  const nc = count.toString(16).padStart(8, "0")
  const cnonce = randomBytes(8).toString("hex")
  const secret = hash(algorithm, `${name}:${asked.get("realm")}:${password}`)
  const response = hash(algorithm, `${secret}:${used}:${nc}:${cnonce}:auth:${hash(algorithm, `${method}:${target}`)}`)
  return (
    `Digest username="${Buffer.from(name).toString("latin1")}", realm="${asked.get("realm")}", nonce="${used}", uri="${target}", qop=auth, nc=${nc}, ` +
    `cnonce="${cnonce}", response="${response}", algorithm=${asked.get("algorithm") ?? "MD5"}`
  )
}

/** The challenges of a 401, each by its algorithm. */
export const challenges = ({ headers }: Reply): ReadonlyMap<string, string> => {
  const header = String(headers["www-authenticate"] ?? "")
  const each = header.split(/,\s*(?=Digest\s)/).filter((one) => one !== "")
  return new Map(each.map((one) => [parameters(one).get("algorithm") ?? "MD5", one]))
}

/** A `wsse:Security` header with a UsernameToken whose password is digested. */
export const usernameToken = (
  { name, password }: Login,
  { created = new Date().toISOString(), nonce = randomBytes(16) }: { created?: string; nonce?: Buffer } = {}
): string => {
  const proof = createHash("sha1")
    .update(Buffer.concat([nonce, Buffer.from(created + password)]))
    .digest("base64")
  const wss = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss"
  return (
    `<w:Security xmlns:w="${wss}-wssecurity-secext-1.0.xsd" xmlns:u="${wss}-wssecurity-utility-1.0.xsd"><w:UsernameToken>` +
    `<w:Username>${name}</w:Username><w:Password Type="${wss}-username-token-profile-1.0#PasswordDigest">${proof}</w:Password>` +
    `<w:Nonce>${nonce.toString("base64")}</w:Nonce><u:Created>${created}</u:Created></w:UsernameToken></w:Security>`
  )
}
