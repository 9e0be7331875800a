import { namespaces, type Prefix } from "./namespaces.ts"
import { element, escape, leaf, nothing, verbatim, type Xml } from "./xml.ts"
import { attributeOf, childOf, NotXml, readXml, textOf, type XmlNode } from "./xml-node.ts"

/** A SOAP 1.2 request, taken apart. */
export interface SoapRequest {
  readonly header: XmlNode | undefined
  /** The body's first element: it names the operation. */
  readonly body: XmlNode
  readonly action: string | undefined
  readonly messageId: string | undefined
  readonly to: string | undefined
  /** The envelope as text: what a device that echoes headers has. */
  readonly raw: string
}

/** A fault as ONVIF Core, section Fault codes, has them: subcodes are qualified names. */
export interface SoapFault {
  readonly code: "Sender" | "Receiver" | "MustUnderstand" | "VersionMismatch"
  readonly subcodes: ReadonlyArray<string>
  readonly reason: string
  readonly detail?: Xml
  readonly status: number
  /** The WS-Addressing action of the answer. */
  readonly action?: string
}

export type Outcome =
  | { readonly _tag: "Answered"; readonly action: string; readonly body: Xml }
  | { readonly _tag: "Failed"; readonly fault: SoapFault }
  /** The connection is closed without a word. */
  | { readonly _tag: "Dropped" }

export const answered = (action: string, body: Xml): Outcome => ({ _tag: "Answered", action, body })
export const failed = (fault: SoapFault): Outcome => ({ _tag: "Failed", fault })
export const dropped: Outcome = { _tag: "Dropped" }

/** SOAP 1.2 part 2, 7.5.2: Sender is HTTP 400, anything else 500. */
const fault = (code: "Sender" | "Receiver", subcodes: ReadonlyArray<string>, reason: string): SoapFault => ({
  code,
  subcodes,
  reason,
  status: code === "Sender" ? 400 : 500
})

/** Faults of ONVIF Core, table "Generic faults". */
export const faults = {
  wellFormed: (why: string) => fault("Sender", ["ter:WellFormed"], `Well-formed Error: ${why}`),
  notAuthorized: fault("Sender", ["ter:NotAuthorized"], "Sender not Authorized"),
  actionNotSupported: (operation: string) =>
    fault("Receiver", ["ter:ActionNotSupported"], `Optional Action Not Implemented: ${operation}`),
  unknownAction: (operation: string) => fault("Sender", ["ter:UnknownAction"], `Unknown Action: ${operation}`),
  invalidArgs: (why: string) => fault("Sender", ["ter:InvalidArgs"], `Invalid Args: ${why}`),
  invalidArgVal: (subcode: string, why: string) => fault("Sender", ["ter:InvalidArgVal", `ter:${subcode}`], why),
  /** ONVIF Core, GetCapabilities: the category is not there. */
  noSuchService: fault(
    "Receiver",
    ["ter:ActionNotSupported", "ter:NoSuchService"],
    "The requested category is not there"
  ),
  /** PACS services: more tokens than MaxLimit. */
  tooManyItems: fault("Sender", ["ter:InvalidArgs", "ter:TooManyItems"], "Too many items were requested"),
  notFound: fault("Sender", ["ter:InvalidArgs", "ter:NotFound"], "The specified token is not found"),
  action: (subcode: string, why: string) => fault("Receiver", ["ter:Action", `ter:${subcode}`], why),
  /** WS-Addressing 1.0 SOAP Binding, 6.4.1.1 and 6.4.1.3. */
  headerRequired: (header: string): SoapFault => ({
    ...fault(
      "Sender",
      ["wsa:MessageAddressingHeaderRequired"],
      "A required header representing a Message Addressing Property is not present"
    ),
    detail: leaf("wsa:ProblemHeaderQName", `wsa:${header}`),
    action: "http://www.w3.org/2005/08/addressing/fault"
  }),
  actionMismatch: (action: string): SoapFault => ({
    ...fault(
      "Sender",
      ["wsa:InvalidAddressingHeader", "wsa:ActionMismatch"],
      "A header representing a Message Addressing Property is not valid and the message cannot be processed"
    ),
    detail: element("wsa:ProblemAction", {}, leaf("wsa:Action", action)),
    action: "http://www.w3.org/2005/08/addressing/fault"
  })
} as const

/** Reads a request, or tells what is wrong with it. */
export const readRequest = (raw: string): SoapRequest | SoapFault => {
  let envelope: XmlNode
  try {
    envelope = readXml(raw)
  } catch (error) {
    if (error instanceof NotXml) return faults.wellFormed(error.message)
    throw error
  }
  if (envelope.name !== "Envelope" || envelope.namespace !== namespaces.env)
    return { code: "VersionMismatch", subcodes: [], reason: "not a SOAP 1.2 envelope", status: 500 }
  const header = childOf(envelope, "Header")
  const body = childOf(envelope, "Body")?.children[0]
  if (body === undefined) return faults.wellFormed("the body is empty")
  return {
    header,
    body,
    action: textOf(header, "Action"),
    messageId: textOf(header, "MessageID"),
    to: textOf(header, "To"),
    raw
  }
}

/** Header blocks that say they are reference parameters (WS-Addressing 1.0 SOAP Binding, 3.4). */
export const referenceParameters = (request: SoapRequest): ReadonlyArray<XmlNode> =>
  (request.header?.children ?? []).filter((block) => attributeOf(block, "IsReferenceParameter") === "true")

/** Declared once for a whole message. Topics declare their prefix where they stand. */
const declared: ReadonlyArray<Prefix> = [
  "env",
  "wsa",
  "wsnt",
  "wstop",
  "wsrf-bf",
  "wsrf-r",
  "xs",
  "xsi",
  "tt",
  "ter",
  "pt",
  "tds",
  "tev",
  "trt",
  "tac",
  "tdc",
  "tcr"
]

const declarations = declared.map((prefix) => ` xmlns:${prefix}="${namespaces[prefix]}"`).join("")

/** A whole SOAP 1.2 message. */
export const envelope = (header: Xml, body: Xml): Xml =>
  verbatim(
    `<?xml version="1.0" encoding="UTF-8"?>\n<env:Envelope${declarations}>` +
      `${header === nothing ? "" : element("env:Header", {}, header)}${element("env:Body", {}, body)}</env:Envelope>`
  )

const subcodeXml = (subcodes: ReadonlyArray<string>): Xml => {
  const [first, ...rest] = subcodes
  if (first === undefined) return nothing
  return element("env:Subcode", {}, leaf("env:Value", first), subcodeXml(rest))
}

export const faultXml = ({ code, subcodes, reason, detail }: SoapFault): Xml =>
  element(
    "env:Fault",
    {},
    element("env:Code", {}, leaf("env:Value", `env:${code}`), subcodeXml(subcodes)),
    element("env:Reason", {}, element("env:Text", { "xml:lang": "en" }, escape(reason))),
    detail === undefined ? nothing : element("env:Detail", {}, detail)
  )

/** WS-Addressing 1.0: the answer's action, and which message it answers. */
export const addressingXml = (action: string, request: SoapRequest | undefined): Xml =>
  verbatim(
    leaf("wsa:Action", action) + (request?.messageId === undefined ? "" : leaf("wsa:RelatesTo", request.messageId))
  )
