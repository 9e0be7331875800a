import type { OutgoingHttpHeaders, ServerResponse } from "node:http"

/** How an answer is spoilt between the device and whoever asked. */
export type Spoiling =
  /** No answer ever comes; the connection stays open. */
  (
    | { readonly _tag: "Hang" }
    /** The connection is closed without an answer. */
    | { readonly _tag: "Close" }
    /** The answer comes this much later. */
    | { readonly _tag: "Late"; readonly ms: number }
    /** The connection is reset in the middle of the answer. */
    | { readonly _tag: "Reset" }
    /** The answer ends early, and its Content-Length agrees with what came: only its XML is incomplete. */
    | { readonly _tag: "Truncate"; readonly bytes: number }
    /** An HTML page with this status. */
    | { readonly _tag: "Html"; readonly status: number }
    /** No body, with this status. */
    | { readonly _tag: "Empty"; readonly status: number }
    /** XML that is not well-formed. */
    | { readonly _tag: "BadXml" }
    /** Says that it is GB2312 and holds bytes that are. */
    | { readonly _tag: "Gb2312" }
    /** Entities that grow a billionfold, in a document type declaration. */
    | { readonly _tag: "EntityBomb" }
    /** An entity that names a file of the reader. */
    | { readonly _tag: "ExternalEntity" }
    /** The answer with so many bytes of white space after it. */
    | { readonly _tag: "Huge"; readonly bytes: number }
    /** One byte every so many milliseconds. */
    | { readonly _tag: "Drip"; readonly everyMs: number }
    /** A well-formed SOAP fault. */
    | {
        readonly _tag: "Fault"
        readonly code: "Sender" | "Receiver"
        readonly subcode: string
        readonly status: number
      }
  ) & {
    /** Only the next so many answers; absent: all. */
    readonly times?: number
  }

/** What would have been sent. */
export interface Wire {
  readonly status: number
  readonly headers: OutgoingHttpHeaders
  readonly body: Buffer
}

const bomb = (): string => {
  const levels = Array.from({ length: 9 }, (_, level) => {
    const reference = `&l${level};`.repeat(10)
    return `<!ENTITY l${level + 1} "${reference}">`
  })
  return (
    `<?xml version="1.0"?><!DOCTYPE e [<!ENTITY l0 "lol">${levels.join("")}]>` +
    '<e:Envelope xmlns:e="http://www.w3.org/2003/05/soap-envelope"><e:Body>&l9;</e:Body></e:Envelope>'
  )
}

const externalEntity =
  '<?xml version="1.0"?><!DOCTYPE e [<!ENTITY x SYSTEM "file:///etc/passwd">]>' +
  '<e:Envelope xmlns:e="http://www.w3.org/2003/05/soap-envelope"><e:Body>&x;</e:Body></e:Envelope>'

const html = "<!DOCTYPE html><html><head><title>Web Server</title></head><body><h1>It works</h1><br></body></html>"

const closing = { connection: "close" }

const write = (response: ServerResponse, { status, headers, body }: Wire): void => {
  response.writeHead(status, { ...headers, "content-length": body.length })
  response.end(body)
}

/** Writes one byte a time until all are written or the connection is gone. */
const drip = (response: ServerResponse, wire: Wire, everyMs: number): void => {
  response.writeHead(wire.status, { ...wire.headers, "content-length": wire.body.length })
  let at = 0
  const timer = setInterval(() => {
    if (at < wire.body.length) response.write(wire.body.subarray(at, ++at))
    else response.end()
  }, everyMs)
  response.once("close", () => clearInterval(timer))
}

const reset = (response: ServerResponse, wire: Wire): void => {
  response.writeHead(wire.status, { ...wire.headers, "content-length": wire.body.length })
  response.write(wire.body.subarray(0, wire.body.length >> 1), () => response.socket?.resetAndDestroy())
}

const asText = (wire: Wire, change: (text: string) => string): Wire => ({
  ...wire,
  body: Buffer.from(change(wire.body.toString()))
})

/** GB2312 for 摄像机, "camera". */
const cameraInGb2312 = Buffer.from([0xc9, 0xe3, 0xcf, 0xf1, 0xbb, 0xfa])

const inGb2312 = (wire: Wire): Wire => {
  const text = wire.body.toString().replace('encoding="UTF-8"', 'encoding="GB2312"')
  const at = text.indexOf("?>") + 2
  const before = Buffer.from(`${text.slice(0, at)}<!-- `)
  return { ...wire, body: Buffer.concat([before, cameraInGb2312, Buffer.from(` -->${text.slice(at)}`)]) }
}

const fault = (code: string, subcode: string): Buffer =>
  Buffer.from(
    '<?xml version="1.0" encoding="UTF-8"?><e:Envelope xmlns:e="http://www.w3.org/2003/05/soap-envelope" ' +
      'xmlns:ter="http://www.onvif.org/ver10/error"><e:Body><e:Fault>' +
      `<e:Code><e:Value>e:${code}</e:Value><e:Subcode><e:Value>ter:${subcode}</e:Value></e:Subcode></e:Code>` +
      `<e:Reason><e:Text xml:lang="en">${subcode}</e:Text></e:Reason></e:Fault></e:Body></e:Envelope>`
  )

/** Sends an answer, whole or as the fault has it. */
export const send = (response: ServerResponse, wire: Wire, spoiling: Spoiling | undefined): void => {
  if (spoiling === undefined) return write(response, wire)
  const { headers } = wire
  const page = (status: number, type: string, body: string): void =>
    write(response, { status, headers: { "content-type": type }, body: Buffer.from(body) })
  switch (spoiling._tag) {
    case "Hang":
      return
    case "Close":
      return void response.destroy()
    case "Late": {
      const timer = setTimeout(() => write(response, wire), spoiling.ms)
      return void response.once("close", () => clearTimeout(timer))
    }
    case "Reset":
      return reset(response, wire)
    case "Truncate":
      return write(response, {
        ...wire,
        headers: { ...headers, ...closing },
        body: wire.body.subarray(0, spoiling.bytes)
      })
    case "Html":
      return page(spoiling.status, "text/html", html)
    case "Empty":
      return write(response, { status: spoiling.status, headers: {}, body: Buffer.alloc(0) })
    case "BadXml":
      return write(
        response,
        asText(wire, (text) => text.replace(/<\/([\w-]+:)?Body>/, "</$1Bod<y>"))
      )
    case "Gb2312":
      return write(response, inGb2312(wire))
    case "EntityBomb":
      return page(200, "application/soap+xml; charset=utf-8", bomb())
    case "ExternalEntity":
      return page(200, "application/soap+xml; charset=utf-8", externalEntity)
    case "Huge":
      return write(response, { ...wire, body: Buffer.concat([wire.body, Buffer.alloc(spoiling.bytes, 0x20)]) })
    case "Drip":
      return drip(response, wire, spoiling.everyMs)
    case "Fault":
      return write(response, {
        status: spoiling.status,
        headers: { "content-type": "application/soap+xml; charset=utf-8" },
        body: fault(spoiling.code, spoiling.subcode)
      })
  }
}
